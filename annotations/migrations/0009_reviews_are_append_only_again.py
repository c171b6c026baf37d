from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """A new column of reviews costs SQLite the trigger, and PostgreSQL's does not know it."""

    dependencies = [("annotations", "0008_the_workbench_and_the_grid")]

    operations = [append_only_sql("annotations_review", except_columns=["effective"])]
