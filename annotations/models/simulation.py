from __future__ import annotations

from django.db import models
from django.db.models import Q


class Side(models.TextChoices):
    TO_PEOPLE = "to_people", "Newly to people"
    TO_ACCEPTED = "to_accepted", "No longer to people"


class SideChange(models.Model):
    """An item that the rules tried in a simulation would have sent the other way.

    As it was found: rules, labels and the item's entry may have changed since. The lists of a
    project's last few simulations are kept.
    """

    job = models.ForeignKey(
        "common.Job", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="side_changes"
    )
    side = models.CharField(max_length=11, choices=Side.choices)
    label_key = models.CharField(max_length=60, blank=True)
    confidence = models.FloatField()
    expected_cost = models.FloatField()
    reasons = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "side", "item"], name="side_change_once"),
            models.CheckConstraint(name="side_change_known", condition=Q(side__in=Side.values)),
        ]
        indexes = [models.Index(fields=["job", "-id"], name="side_change_of_job")]

    def __str__(self) -> str:
        return f"{self.side} in simulation {self.job_id}"
