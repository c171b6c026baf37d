from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from reviewhub.common.ids import uuid7


class ProjectKind(models.TextChoices):
    IMAGE_CLASSIFICATION = "image_classification", "Image classification"
    OBJECT_DETECTION = "object_detection", "Boxes in images"
    TEXT_CLASSIFICATION = "text_classification", "Text classification"


class Project(models.Model):
    """One review problem: a kind, a taxonomy, policies, members."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    slug = models.SlugField(
        max_length=60, unique=True, validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$")]
    )
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=32, choices=ProjectKind.choices)
    site_time_zone = models.CharField(max_length=64, default="UTC")
    note = models.CharField(
        max_length=300, blank=True, help_text="Shown on every page of the project."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="project_kind_known", condition=Q(kind__in=ProjectKind.values)
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApprovalMode(models.TextChoices):
    LEAD = "lead", "A lead approves"
    AUTOMATIC = "automatic", "Approved after a grace period"


class ReviewPolicy(models.Model):
    """A numbered version of how answers become approved annotations; the highest is in force."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="review_policies")
    number = models.PositiveIntegerField()
    answers_wanted = models.PositiveSmallIntegerField(default=1)
    agreement_needed = models.PositiveSmallIntegerField(default=1)
    skips_allowed = models.PositiveSmallIntegerField(default=2)
    approval = models.CharField(
        max_length=10, choices=ApprovalMode.choices, default=ApprovalMode.AUTOMATIC
    )
    grace_seconds = models.PositiveIntegerField(default=600)
    lease_seconds = models.PositiveIntegerField(default=600)
    blind_share = models.FloatField(default=0.2)
    grid_labels = models.JSONField(
        default=list, blank=True, help_text="Predicted labels that may be confirmed by the grid."
    )
    grid_size = models.PositiveSmallIntegerField(default=12)
    grid_precision = models.FloatField(
        default=0.95, help_text="How often the model must be right where it says such a label."
    )
    grid_seconds = models.FloatField(
        default=6.0, help_text="A grid is on the screen at least so long."
    )
    grid_gold_share = models.FloatField(
        default=0.1, help_text="Share of its cells whose answer is known."
    )
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="review_policy_numbered"),
            models.CheckConstraint(
                name="review_policy_answers",
                condition=Q(
                    answers_wanted__gte=1,
                    agreement_needed__gte=1,
                    agreement_needed__lte=F("answers_wanted"),
                ),
            ),
            models.CheckConstraint(
                name="review_policy_blind_share",
                condition=Q(blind_share__gte=0, blind_share__lte=1),
            ),
            models.CheckConstraint(
                name="review_policy_grid",
                condition=Q(
                    grid_size__in=[12, 24],
                    grid_precision__gt=0,
                    grid_precision__lte=1,
                    grid_seconds__gte=0,
                    grid_gold_share__gte=0,
                    grid_gold_share__lte=0.5,
                ),
            ),
            models.CheckConstraint(name="review_policy_lease", condition=Q(lease_seconds__gte=10)),
        ]

    def __str__(self) -> str:
        return f"review policy {self.number}"
