from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class Origin(models.TextChoices):
    CLIENT = "client", "A client's own model"
    REVIEWHUB = "reviewhub", "Trained here"


class Predictor(models.Model):
    """A model version as it appears in traffic."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="predictors"
    )
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=80)
    taxonomy = models.ForeignKey(
        "annotations.Taxonomy", on_delete=models.PROTECT, related_name="predictors"
    )
    origin = models.CharField(max_length=9, choices=Origin.choices)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name", "version"], name="predictor_once"),
            models.CheckConstraint(
                name="predictor_origin_known", condition=Q(origin__in=Origin.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Prediction(models.Model):
    """What one predictor says of one item. Append-only."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="predictions"
    )
    predictor = models.ForeignKey(Predictor, on_delete=models.PROTECT, related_name="predictions")
    answer = models.JSONField()
    label_key = models.SlugField(max_length=60)
    confidence = models.FloatField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "predictor"], name="prediction_once"),
            models.CheckConstraint(
                name="prediction_confidence_is_a_probability",
                condition=Q(confidence__gte=0, confidence__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"prediction {self.uid}"
