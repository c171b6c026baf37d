from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """What was predicted, decided, answered and settled is never changed, whoever asks.

    Of a review, `effective` falls when a later row takes the answer back.
    """

    dependencies = [("annotations", "0001_what_is_reviewed_and_by_whom")]

    operations = [
        append_only_sql("annotations_prediction"),
        append_only_sql("annotations_route"),
        append_only_sql("annotations_review", except_columns=["effective"]),
        append_only_sql("annotations_annotation"),
        append_only_sql("annotations_approval"),
    ]
