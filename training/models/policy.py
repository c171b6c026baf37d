from __future__ import annotations

from django.db import models
from django.db.models import Q


class TrainingPolicy(models.Model):
    """A numbered version of when and how a project learns; the highest is in force."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="training_policies"
    )
    number = models.PositiveIntegerField()
    automatic = models.BooleanField(
        default=True, help_text="Request a run by itself when enough approvals have come in."
    )
    approvals_needed = models.PositiveIntegerField(default=200)
    cooldown_seconds = models.PositiveIntegerField(default=86_400)
    backbone = models.CharField(max_length=60, default="efficientnet_lite0")
    seed = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "training policies"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="training_policy_numbered"),
            models.CheckConstraint(
                name="training_policy_approvals", condition=Q(approvals_needed__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"training policy {self.number}"


class GatePolicy(models.Model):
    """A numbered version of the margins a challenger must meet; the highest is in force."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="gate_policies"
    )
    number = models.PositiveIntegerField()
    margins = models.JSONField(help_text="A document of training.domain.gate.GateMargins.")
    automatic_promotion = models.BooleanField(
        default=False, help_text="Promote by itself on the verdict 'promote'; else a lead decides."
    )
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "gate policies"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="gate_policy_numbered")
        ]

    def __str__(self) -> str:
        return f"gate policy {self.number}"
