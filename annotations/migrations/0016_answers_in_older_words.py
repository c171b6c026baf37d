from __future__ import annotations

from django.db import migrations, models

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """Without a default or a constraint: the largest table is not read for it."""

    dependencies = [("annotations", "0015_fewer_indexes_of_what_is_written_all_day")]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="taxonomy_number",
            field=models.IntegerField(blank=True, null=True),
        ),
        append_only_sql("annotations_prediction"),
    ]
