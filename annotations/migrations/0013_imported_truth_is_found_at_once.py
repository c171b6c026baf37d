from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """What is known of imported items is asked each time that many are judged at once."""

    dependencies = [("annotations", "0012_blind_answers_are_found_at_once")]

    operations = [
        migrations.AddIndex(
            model_name="annotation",
            index=models.Index(
                condition=models.Q(("how", "imported"), ("outcome", "label")),
                fields=["taxonomy", "-id"],
                name="annotation_imported",
            ),
        ),
    ]
