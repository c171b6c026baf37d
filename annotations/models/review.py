from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7

VERDICTS = ["confirmed", "corrected", "rejected", "skipped", "undone"]


class Review(models.Model):
    """One person's answer. Append-only: an undo is a row of its own that supersedes.

    `effective` is the one column that ever changes, from true to false when a later row takes
    the answer back; with it the database itself keeps "one effective answer per person".
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    entry = models.ForeignKey(
        "annotations.QueueEntry", on_delete=models.CASCADE, related_name="reviews"
    )
    reviewer = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, related_name="reviews", db_index=False
    )
    assignment = models.ForeignKey(
        "annotations.Assignment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=10)
    label_key = models.SlugField(max_length=60, blank=True)
    answer = models.JSONField(null=True, blank=True, help_text="Boxes, where boxes are judged.")
    reason = models.SlugField(max_length=40, blank=True)
    blind = models.BooleanField()
    grid = models.ForeignKey(
        "annotations.Grid",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviews",
        db_index=False,
        help_text="Judged among many on one screen.",
    )
    seconds = models.FloatField(help_text="Time on screen, as the browser reported, capped.")
    token = models.UUIDField(help_text="The client's idempotency key for this answer.")
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    effective = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "token"], name="review_token_once"),
            models.UniqueConstraint(
                fields=["entry", "reviewer"],
                condition=Q(effective=True),
                name="review_once_per_person",
            ),
            models.CheckConstraint(name="review_verdict_known", condition=Q(verdict__in=VERDICTS)),
            models.CheckConstraint(
                name="review_label_when_labelled",
                condition=Q(verdict__in=["confirmed", "corrected"])
                & (Q(~Q(label_key=""), answer__isnull=True) | Q(label_key="", answer__isnull=False))
                | Q(~Q(verdict__in=["confirmed", "corrected"]), label_key="", answer__isnull=True),
            ),
            models.CheckConstraint(
                name="review_undo_supersedes",
                condition=Q(verdict="undone", supersedes__isnull=False, effective=False)
                | Q(~Q(verdict="undone"), supersedes__isnull=True),
            ),
            models.CheckConstraint(
                name="review_reason_when_not_judged",
                condition=~Q(verdict__in=["rejected", "skipped"]) | ~Q(reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["reviewer", "-created_at"], name="review_recent"),
            models.Index(fields=["grid"], name="review_in_grid", condition=Q(grid__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"review {self.uid}"
