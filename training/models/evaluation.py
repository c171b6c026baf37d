from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class EvaluationKind(models.TextChoices):
    SOURCE = "source", "Evaluate fold of older traffic"
    TARGET = "target", "Evaluate fold of recent traffic"


class EvaluationSet(models.Model):
    """Named items with approved annotations that no training ever sees."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="evaluation_sets"
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=EvaluationKind.choices)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "digest"], name="evaluation_set_once"
            ),
            models.CheckConstraint(
                name="evaluation_set_kind_known", condition=Q(kind__in=EvaluationKind.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EvaluationMember(models.Model):
    evaluation_set = models.ForeignKey(
        EvaluationSet, on_delete=models.CASCADE, related_name="members"
    )
    annotation = models.ForeignKey(
        "annotations.Annotation", on_delete=models.PROTECT, related_name="evaluation_members"
    )
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation_set", "annotation"], name="evaluation_member_once"
            ),
            models.UniqueConstraint(
                fields=["evaluation_set", "position"], name="evaluation_member_position"
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.annotation_id} in set {self.evaluation_set_id}"


class Evaluation(models.Model):
    """One model version measured on one evaluation set, with the answer it gave to each member."""

    model_version = models.ForeignKey(
        "training.ModelVersion", on_delete=models.CASCADE, related_name="evaluations"
    )
    evaluation_set = models.ForeignKey(
        EvaluationSet, on_delete=models.PROTECT, related_name="evaluations"
    )
    metrics = models.JSONField()
    answers = models.JSONField(help_text="[[label key, confidence]] in the order of positions.")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model_version", "evaluation_set"], name="evaluation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_version} on {self.evaluation_set}"


class Verdict(models.TextChoices):
    PROMOTE = "promote", "Promote"
    REFUSE = "refuse", "Refuse"
    NOT_ENOUGH_EVIDENCE = "not_enough_evidence", "Not enough evidence"


class GateDecision(models.Model):
    """Challenger against champion: each test, its figures, the verdict. Append-only."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="gate_decisions"
    )
    challenger = models.ForeignKey(
        "training.ModelVersion", on_delete=models.PROTECT, related_name="gate_decisions"
    )
    champion = models.ForeignKey(
        "training.ModelVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    policy = models.ForeignKey(
        "training.GatePolicy", on_delete=models.PROTECT, related_name="decisions"
    )
    evaluation_sets = models.ManyToManyField(EvaluationSet, related_name="decisions")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    tests = models.JSONField()
    reasons = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="gate_verdict_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(
                name="gate_not_against_itself",
                condition=Q(champion__isnull=True) | ~Q(champion=models.F("challenger")),
            ),
        ]

    def __str__(self) -> str:
        return f"gate: {self.verdict}"
