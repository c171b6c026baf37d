from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from reviewhub.common.ids import uuid7


class RunState(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


ACTIVE = [RunState.QUEUED, RunState.RUNNING]


class RunStep(models.TextChoices):
    WAITING = "waiting", "Waiting for a worker"
    EMBED = "embed", "Embed images"
    FREEZE = "freeze", "Freeze the data set"
    TRAIN = "train", "Train and calibrate"
    EVALUATE = "evaluate", "Evaluate on held-out items"
    DECIDE = "decide", "Decide at the gate"
    DONE = "done", "Done"


class TrainingRun(models.Model):
    """One training job; the row is the job.

    A worker owns it while `lease_until` lies ahead and writes only WHERE fence equals the number
    it was given; a second claim raises the fence, so a worker that lost its lease writes nothing.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="runs"
    )
    number = models.PositiveIntegerField()
    policy = models.ForeignKey(
        "training.TrainingPolicy", on_delete=models.PROTECT, related_name="runs"
    )
    state = models.CharField(max_length=9, choices=RunState.choices, default=RunState.QUEUED)
    step = models.CharField(max_length=8, choices=RunStep.choices, default=RunStep.WAITING)
    progress = models.FloatField(default=0.0, help_text="Of the whole run, 0 to 1.")
    message = models.CharField(max_length=300, blank=True)
    steps = models.JSONField(default=list, help_text="[{step, started_at, ended_at, figures}]")
    requested_by = models.CharField(max_length=120)
    reasons = models.JSONField(default=list)
    snapshot = models.ForeignKey(
        "training.DatasetSnapshot",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="runs",
    )
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    log_tail = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="run_numbered"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=ACTIVE), name="run_one_active"
            ),
            models.CheckConstraint(name="run_state_known", condition=Q(state__in=RunState.values)),
            models.CheckConstraint(
                name="run_progress_is_a_share", condition=Q(progress__gte=0, progress__lte=1)
            ),
            models.CheckConstraint(
                name="run_ended_unless_active",
                condition=Q(state__in=ACTIVE, ended_at__isnull=True)
                | Q(~Q(state__in=ACTIVE), ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="run_leased_while_running",
                condition=~Q(state="running") | Q(lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="run_failed_says_why", condition=~Q(state="failed") | ~Q(error="")
            ),
            models.CheckConstraint(
                name="run_attempts_limited", condition=Q(attempt__lte=F("max_attempts"))
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.number}"
