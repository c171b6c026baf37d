from __future__ import annotations

from django.db import models
from django.db.models import Q


class RoutingPolicy(models.Model):
    """A numbered version of the rules that decide what people must see; the highest is in force."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="routing_policies"
    )
    number = models.PositiveIntegerField()
    rules = models.JSONField(help_text="A document of annotations.domain.routing.Rules.")
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "routing policies"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="routing_policy_numbered")
        ]

    def __str__(self) -> str:
        return f"routing policy {self.number}"


class AuditPlan(models.Model):
    """How likely audits are on one day of a policy: fixed before the day's first prediction.

    The probability of a prediction is `floor` plus `scale` times its influence, at most 1; both
    follow from the volume of the days before, so they are known before any label.
    """

    policy = models.ForeignKey(RoutingPolicy, on_delete=models.CASCADE, related_name="audit_plans")
    day = models.DateField(help_text="In the time zone of the project's site.")
    scale = models.FloatField()
    floor = models.FloatField()
    expected_volume = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "day"], name="audit_plan_once_a_day"),
            models.CheckConstraint(
                name="audit_plan_never_zero",
                condition=Q(scale__gte=0, floor__gt=0, floor__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"audits of {self.day} under {self.policy_id}"


class RouteOutcome(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    QUEUED = "queued", "Queued"


class Route(models.Model):
    """The decision on one prediction. Append-only; later findings append a higher sequence.

    `inclusion_probability` in (0, 1] is the chance of the audit draw alone, known before any
    label; `draw` in [0, 1) is the keyed uniform, so drawn means draw < inclusion_probability.
    """

    prediction = models.ForeignKey(
        "annotations.Prediction", on_delete=models.CASCADE, related_name="routes", db_index=False
    )
    sequence = models.PositiveSmallIntegerField(default=1)
    policy = models.ForeignKey(
        RoutingPolicy, on_delete=models.PROTECT, related_name="routes", db_index=False
    )
    outcome = models.CharField(max_length=8, choices=RouteOutcome.choices)
    reasons = models.JSONField(default=list)
    inclusion_probability = models.FloatField()
    draw = models.FloatField()
    audited = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prediction", "sequence"], name="route_numbered"),
            models.CheckConstraint(
                name="route_probability_never_zero",
                condition=Q(inclusion_probability__gt=0, inclusion_probability__lte=1),
            ),
            models.CheckConstraint(
                name="route_draw_is_uniform", condition=Q(draw__gte=0, draw__lt=1)
            ),
            models.CheckConstraint(
                name="route_audited_means_drawn",
                condition=Q(audited=True, draw__lt=models.F("inclusion_probability"))
                | Q(audited=False, draw__gte=models.F("inclusion_probability")),
            ),
            models.CheckConstraint(
                name="route_audited_is_queued",
                condition=Q(audited=False) | Q(outcome="queued"),
            ),
            models.CheckConstraint(
                name="route_outcome_known", condition=Q(outcome__in=RouteOutcome.values)
            ),
        ]

    def __str__(self) -> str:
        return f"route {self.sequence} of prediction {self.prediction_id}"
