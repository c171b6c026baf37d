from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

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
    """What one predictor says of one item. Append-only.

    `label_key` is empty where boxes were looked for and none was found. `flag` is the client's own
    word for why people should look. `taxonomy_number` is the label set that it is in where that is
    not its predictor's: an older one, or the one that the client named. `project` repeats that of
    the item, for lists and simulations; the item's foreign key guards it, and a second one would
    cost every insert.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project",
        on_delete=models.CASCADE,
        related_name="predictions",
        db_index=False,
        db_constraint=False,
    )
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="predictions", db_index=False
    )
    predictor = models.ForeignKey(
        Predictor, on_delete=models.PROTECT, related_name="predictions", db_index=False
    )
    answer = models.JSONField()
    label_key = models.CharField(max_length=60, blank=True)
    confidence = models.FloatField()
    flag = models.CharField(max_length=200, blank=True)
    taxonomy_number = models.IntegerField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "predictor"], name="prediction_once"),
            models.CheckConstraint(
                name="prediction_confidence_is_a_probability",
                condition=Q(confidence__gte=0, confidence__lte=1),
            ),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="prediction_newest_first")]

    def __str__(self) -> str:
        return f"prediction {self.uid}"

    @property
    def spoken(self) -> int:
        """The number of the label set in whose words the answer is kept."""
        return self.taxonomy_number or self.predictor.taxonomy.number


SPOKEN = Coalesce(
    "taxonomy_number", "predictor__taxonomy__number", output_field=models.IntegerField()
)
"""The same in a query of predictions."""


class Withdrawal(models.Model):
    """The client takes a prediction back: it counts in no estimate any more. Append-only."""

    prediction = models.OneToOneField(
        Prediction, on_delete=models.CASCADE, related_name="withdrawal"
    )
    reason = models.CharField(max_length=300)
    actor_name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="withdrawal_has_a_reason", condition=~Q(reason=""))
        ]

    def __str__(self) -> str:
        return f"withdrawal of prediction {self.prediction_id}"
