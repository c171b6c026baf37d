from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """The project of a prediction is that of its item, whose foreign key guards it."""

    dependencies = [("annotations", "0006_count_what_is_there")]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="predictions",
                to="annotations.project",
            ),
        ),
        append_only_sql("annotations_prediction"),
    ]
