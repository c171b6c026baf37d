from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When

from reviewhub.common.ids import uuid7


class Outcome(models.TextChoices):
    LABEL = "label", "A label"
    UNUSABLE = "unusable", "Unusable"


class How(models.TextChoices):
    SINGLE = "single", "One answer"
    CONSENSUS = "consensus", "Agreement of several"
    ADJUDICATED = "adjudicated", "Decided by a lead"
    IMPORTED = "imported", "Came with the item"


class Annotation(models.Model):
    """The settled truth about an item under a taxonomy.

    Append-only; the highest number is current.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="annotations", db_index=False
    )
    taxonomy = models.ForeignKey(
        "annotations.Taxonomy", on_delete=models.PROTECT, related_name="annotations"
    )
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    label_key = models.SlugField(max_length=60, blank=True)
    answer = models.JSONField(null=True, blank=True, help_text="Boxes, where boxes are judged.")
    how = models.CharField(max_length=12, choices=How.choices)
    entry = models.ForeignKey(
        "annotations.QueueEntry",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="annotations",
    )
    decided_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    corrects = models.BooleanField(
        default=False, help_text="The prediction that was queued said something else."
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "taxonomy", "number"], name="annotation_numbered"
            ),
            models.CheckConstraint(
                name="annotation_label_or_unusable",
                condition=Q(outcome="label")
                & (Q(~Q(label_key=""), answer__isnull=True) | Q(label_key="", answer__isnull=False))
                | Q(outcome="unusable", label_key="", answer__isnull=True),
            ),
            models.CheckConstraint(name="annotation_how_known", condition=Q(how__in=How.values)),
            models.CheckConstraint(
                name="annotation_adjudicated_by_someone",
                condition=~Q(how="adjudicated") | Q(decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="annotation_from_entry_or_import",
                condition=Q(how="imported", entry__isnull=True)
                | Q(~Q(how="imported"), entry__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["taxonomy", "-id"],
                name="annotation_imported",
                condition=Q(how="imported", outcome="label"),
            )
        ]

    def __str__(self) -> str:
        return f"annotation {self.number} of item {self.item_id}"

    @property
    def relied_on(self) -> bool:
        """Approved, and no answer behind it was taken back since; for the highest number only."""
        return hasattr(self, "approval") and (self.entry is None or self.entry.state == "approved")


_BY_PEOPLE = Case(When(how=How.IMPORTED, then=Value(0)), default=Value(1))
SPEAKS_FIRST = (_BY_PEOPLE.desc(), F("taxonomy__number").desc(), F("number").desc())
"""How annotations of one item are ordered, the current one first: what people settled goes before
what was imported, under whatever label sets, then the newest label set, then the highest number."""


class Approval(models.Model):
    """Approves one annotation: by a person, or by a policy when `approved_by` is empty."""

    annotation = models.OneToOneField(Annotation, on_delete=models.CASCADE, related_name="approval")
    approved_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    policy = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="approval_by_person_or_policy",
                condition=Q(approved_by__isnull=False, policy="")
                | Q(Q(approved_by__isnull=True), ~Q(policy="")),
            )
        ]

    def __str__(self) -> str:
        return f"approval of annotation {self.annotation_id}"
