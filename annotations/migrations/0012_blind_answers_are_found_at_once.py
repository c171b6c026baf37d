from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """How often a model is right about a label is asked each time many are judged at once."""

    dependencies = [("annotations", "0011_nobody_has_chosen_a_language_yet")]

    operations = [
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(
                    ("answers_given__gt", 0), ("blind", True), ("only_audit", False)
                ),
                fields=["project", "-id"],
                name="queue_entry_blind_answered",
            ),
        ),
    ]
