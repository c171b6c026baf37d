from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """How often the model is right about a label is asked each time that many are judged at once."""

    dependencies = [("annotations", "0009_reviews_are_append_only_again")]

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
