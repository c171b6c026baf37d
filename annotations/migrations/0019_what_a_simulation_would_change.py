from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0018_due_times"),
        ("common", "0004_answers_are_packed"),
    ]

    operations = [
        migrations.CreateModel(
            name="SideChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("to_people", "Newly to people"),
                            ("to_accepted", "No longer to people"),
                        ],
                        max_length=11,
                    ),
                ),
                ("label_key", models.CharField(blank=True, max_length=60)),
                ("confidence", models.FloatField()),
                ("expected_cost", models.FloatField()),
                ("reasons", models.JSONField()),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="side_changes",
                        to="annotations.item",
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="common.job",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["job", "-id"], name="side_change_of_job")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("job", "side", "item"), name="side_change_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side__in", ["to_people", "to_accepted"])),
                        name="side_change_known",
                    ),
                ],
            },
        ),
    ]
