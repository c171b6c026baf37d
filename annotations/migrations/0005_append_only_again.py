from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """What 0003 has built anew on SQLite, and 0004 opened for a moment, is append-only again."""

    dependencies = [("annotations", "0004_fill_what_was_not_kept")]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="project",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="predictions",
                to="annotations.project",
            ),
        ),
        append_only_sql("annotations_prediction"),
        append_only_sql("annotations_withdrawal"),
        append_only_sql("annotations_auditplan"),
        append_only_sql("annotations_route"),
        append_only_sql("annotations_review", except_columns=["effective"]),
        append_only_sql("annotations_annotation"),
        append_only_sql("annotations_approval"),
    ]
