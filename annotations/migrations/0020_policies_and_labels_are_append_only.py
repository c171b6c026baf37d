from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """What a number means stays: routes, entries and annotations name the versions they were made
    under, and their odds and words are read from them for ever. A change is a higher number.
    """

    dependencies = [("annotations", "0019_what_a_simulation_would_change")]

    operations = [
        append_only_sql("annotations_routingpolicy"),
        append_only_sql("annotations_reviewpolicy"),
        append_only_sql("annotations_taxonomy"),
        append_only_sql("annotations_label"),
    ]
