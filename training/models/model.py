from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class ModelRole(models.TextChoices):
    CANDIDATE = "candidate", "Candidate"
    CHAMPION = "champion", "Champion"
    SHADOW = "shadow", "Shadow"
    ARCHIVED = "archived", "Archived"


class ModelVersion(models.Model):
    """An immutable trained model; only its role ever changes."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="model_versions"
    )
    number = models.PositiveIntegerField()
    run = models.OneToOneField(
        "training.TrainingRun", on_delete=models.PROTECT, related_name="model_version"
    )
    snapshot = models.ForeignKey(
        "training.DatasetSnapshot", on_delete=models.PROTECT, related_name="model_versions"
    )
    predictor = models.OneToOneField(
        "annotations.Predictor", on_delete=models.PROTECT, related_name="model_version"
    )
    role = models.CharField(max_length=9, choices=ModelRole.choices, default=ModelRole.CANDIDATE)
    backbone_digest = models.CharField(max_length=64)
    onnx_key = models.CharField(max_length=200)
    onnx_sha256 = models.CharField(max_length=64)
    onnx_bytes = models.PositiveBigIntegerField()
    weights_key = models.CharField(max_length=200)
    weights_sha256 = models.CharField(max_length=64)
    card = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="model_version_numbered"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(role="champion"), name="model_one_champion"
            ),
            models.CheckConstraint(name="model_role_known", condition=Q(role__in=ModelRole.values)),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class PromotionKind(models.TextChoices):
    PROMOTION = "promotion", "Promotion"
    ROLLBACK = "rollback", "Rollback"


class Promotion(models.Model):
    """Who or what made which version champion, and why. Append-only; a rollback is one too."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="promotions"
    )
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=9, choices=PromotionKind.choices)
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="promotions"
    )
    previous = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.ForeignKey(
        "training.GateDecision",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="promotions",
    )
    actor = models.CharField(max_length=120)
    reasons = models.JSONField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="promotion_numbered"),
            models.CheckConstraint(
                name="promotion_rollback_has_predecessor",
                condition=Q(kind="promotion") | Q(kind="rollback", previous__isnull=False),
            ),
            models.CheckConstraint(name="promotion_gives_reasons", condition=~Q(reasons=[])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"
