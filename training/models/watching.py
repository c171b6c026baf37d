from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class NoveltyCursor(models.Model):
    """How far the search for novel items has come in a project; a killed worker's successor goes
    on from here.

    Everything up to `seen_id` was looked at once. Up to `settled_id` it was looked at again when
    no intake could still be under way, for a smaller id may be committed after a larger one. A
    worker owns the row while `lease_until` lies ahead and writes only WHERE fence is its own.
    """

    project = models.OneToOneField(
        "annotations.Project", on_delete=models.CASCADE, related_name="novelty_cursor"
    )
    seen_id = models.BigIntegerField(default=0)
    settled_id = models.BigIntegerField(default=0)
    per_second = models.FloatField(default=0.0, help_text="Items embedded, as last measured.")
    shares = models.JSONField(
        default=list, help_text="[[up to this id, share of the items embedded]], after settled_id."
    )
    waits_for = models.CharField(max_length=300, blank=True, help_text="Why nothing is scored.")
    compares_with = models.CharField(max_length=300, blank=True)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="novelty_settled_after_seen", condition=Q(settled_id__lte=F("seen_id"))
            ),
        ]

    def __str__(self) -> str:
        return f"novelty of project {self.project_id}"

    def share_at(self, prediction_id: int) -> float:
        """The share that held when this prediction was looked at."""
        return next((share for upto, share in self.shares if prediction_id <= upto), 1.0)


class LearningSelection(models.Model):
    """What one day's predictions offered for learning, chosen once for each day of the site.

    `chosen` is written before the first route is appended, so that a second attempt appends the
    same ones. A worker owns the row while `lease_until` lies ahead.
    """

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="learning_selections"
    )
    day = models.DateField(help_text="The day on which it was made; it looks at the day before.")
    budget = models.PositiveIntegerField()
    candidates = models.PositiveIntegerField(null=True, blank=True)
    chosen = models.JSONField(
        null=True, blank=True, help_text="[[prediction, margin or null, uncertainty]]"
    )
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day"], name="learning_selection_once_a_day"
            ),
            models.CheckConstraint(
                name="learning_selection_finished_with_figures",
                condition=Q(finished_at__isnull=True)
                | Q(candidates__isnull=False, chosen__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"to learn from on {self.day}"
