from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A person may have chosen no language: then pages speak the one that the browser asks for."""

    dependencies = [("annotations", "0009_reviews_are_append_only_again")]

    operations = [
        migrations.AlterField(
            "user",
            "language",
            models.CharField(
                blank=True,
                default="",
                help_text="Empty: the one the browser asks for.",
                max_length=12,
            ),
        ),
    ]
