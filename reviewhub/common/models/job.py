from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class JobState(models.TextChoices):
    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Job(models.Model):
    """Long work that somebody watches; the row is the job.

    Only the holder of the highest `fence` may write. `cursor` is where the next attempt goes on.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    params = models.JSONField()
    state = models.CharField(max_length=9, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    message = models.CharField(max_length=300, blank=True)
    cursor = models.JSONField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.TextField(blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    actor_kind = models.CharField(max_length=6)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=200)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_state_is_told_by_its_times",
                condition=Q(state="queued", lease_until__isnull=True, ended_at__isnull=True)
                | Q(state="running", lease_until__isnull=False, ended_at__isnull=True)
                | Q(
                    state__in=["succeeded", "failed", "cancelled"],
                    lease_until__isnull=True,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="job_result_when_succeeded",
                condition=~Q(state="succeeded") | Q(result__isnull=False),
            ),
            models.CheckConstraint(
                name="job_says_why_it_failed", condition=~Q(state="failed") | ~Q(error="")
            ),
        ]
        indexes = [
            models.Index(fields=["project_id", "-id"], name="job_of_project"),
            models.Index(
                fields=["state", "lease_until"],
                name="job_active",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}: {self.state}"
