from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    """Runs and gate decisions name the policies they were made under, which stay what they were."""

    dependencies = [("training", "0004_approvals_offered_to_the_last_run")]

    operations = [
        append_only_sql("training_trainingpolicy"),
        append_only_sql("training_gatepolicy"),
    ]
