from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from annotations.domain.states import UNSETTLED
from reviewhub.common.ids import uuid7

STATES = [
    "awaiting_capacity",
    "awaiting_review",
    "awaiting_adjudication",
    "awaiting_approval",
    "approved",
    "expired",
    "withdrawn",
]


class QueueEntry(models.Model):
    """An item waiting for people: narrow and indexed; its state is the next action needed.

    `slots_open` counts the answers that may still be handed out: answers wanted, less answers
    given, less leases held. Claiming takes one by a conditional UPDATE, so no entry is ever held
    by more people than answers are wanted. `sort_key` is a virtual deadline, epoch seconds.
    `predicted_key` is what the prediction says in the words of this entry's taxonomy. `due_at` is
    by when an answer is wanted. An audit must be answered by `lapses_at`, whatever else is due
    sooner; one that was not has `lapsed_at` and is a non-response. `is_gold`
    would mark one whose answer is known: whatever counts, approves or offers entries leaves it
    apart, though nothing makes any, as gold lies in grids alone, where it has no entry (ADR 0024).
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project",
        on_delete=models.CASCADE,
        related_name="queue_entries",
        db_index=False,
    )
    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="queue_entries", db_index=False
    )
    taxonomy = models.ForeignKey(
        "annotations.Taxonomy",
        on_delete=models.PROTECT,
        related_name="queue_entries",
        db_index=False,
    )
    prediction = models.ForeignKey(
        "annotations.Prediction", on_delete=models.PROTECT, related_name="queue_entries"
    )
    policy = models.ForeignKey(
        "annotations.ReviewPolicy",
        on_delete=models.PROTECT,
        related_name="queue_entries",
        db_index=False,
    )
    state = models.CharField(max_length=24, default="awaiting_review")
    sort_key = models.FloatField()
    predicted_key = models.CharField(max_length=60, blank=True)
    audited = models.BooleanField(default=False)
    only_audit = models.BooleanField(
        default=False, help_text="Nothing but the audit draw asked for people."
    )
    due_at = models.DateTimeField(null=True, blank=True)
    lapses_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    blind = models.BooleanField(default=False)
    is_gold = models.BooleanField(default=False)
    answers_wanted = models.PositiveSmallIntegerField()
    answers_given = models.PositiveSmallIntegerField(default=0)
    slots_open = models.SmallIntegerField()
    created_at = models.DateTimeField()
    state_changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "queue entries"
        constraints = [
            models.UniqueConstraint(fields=["item", "taxonomy"], name="queue_entry_once"),
            models.CheckConstraint(name="queue_entry_state_known", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="queue_entry_slots_within_answers",
                condition=Q(slots_open__gte=0)
                & Q(slots_open__lte=F("answers_wanted") - F("answers_given")),
            ),
            models.CheckConstraint(
                name="queue_entry_audits_are_blind",
                condition=Q(audited=False) | Q(blind=True),
            ),
            models.CheckConstraint(
                name="queue_entry_only_audits_lapse",
                condition=Q(audited=True) | Q(only_audit=False, lapsed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="queue_entry_audits_are_never_capped",
                condition=Q(audited=False) | ~Q(state="awaiting_capacity"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "sort_key", "id"],
                name="queue_entry_claimable",
                condition=Q(state="awaiting_review", slots_open__gt=0),
            ),
            models.Index(fields=["project", "state", "state_changed_at"], name="queue_entry_state"),
            models.Index(
                fields=["project", "-id"],
                name="queue_entry_blind_answered",
                condition=Q(blind=True, only_audit=False, answers_given__gt=0),
            ),
            models.Index(
                fields=["lapses_at"],
                name="queue_entry_audits_lapse",
                condition=Q(state="awaiting_review", audited=True, lapsed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"queue entry {self.uid}"

    def is_overdue(self, now: datetime) -> bool:
        """Whether an answer was wanted before this moment, and there is none that settles it."""
        return self.due_at is not None and self.due_at < now and self.state in UNSETTLED


class AssignmentState(models.TextChoices):
    HELD = "held", "Held"
    ANSWERED = "answered", "Answered"
    RELEASED = "released", "Given back"
    EXPIRED = "expired", "Lease ran out"


class Assignment(models.Model):
    """One reviewer's timed lease on a queue entry."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    entry = models.ForeignKey(QueueEntry, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, related_name="assignments", db_index=False
    )
    state = models.CharField(
        max_length=8, choices=AssignmentState.choices, default=AssignmentState.HELD
    )
    soft = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Fetched ahead of being looked at; nothing is on the screen yet.",
    )
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "reviewer"],
                condition=Q(state="held"),
                name="assignment_held_once",
            ),
            models.CheckConstraint(
                name="assignment_state_known", condition=Q(state__in=AssignmentState.values)
            ),
            models.CheckConstraint(
                name="assignment_ended_unless_held",
                condition=Q(state="held", ended_at__isnull=True)
                | Q(~Q(state="held"), ended_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"], name="assignment_held_until", condition=Q(state="held")
            ),
            models.Index(fields=["reviewer"], name="assignment_held_by", condition=Q(state="held")),
        ]

    def __str__(self) -> str:
        return f"lease of entry {self.entry_id} to {self.reviewer_id}"
