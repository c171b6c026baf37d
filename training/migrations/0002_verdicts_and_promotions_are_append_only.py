"""What the gate said and who moved the champion stays as it was written."""

from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("training", "0001_runs_models_and_gates")]

    operations = [
        append_only_sql("training_gatedecision"),
        append_only_sql("training_promotion"),
        append_only_sql("training_evaluation"),
        append_only_sql("training_snapshotmember"),
        append_only_sql("training_modelversion", except_columns=["role"]),
    ]
