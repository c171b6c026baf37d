from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened. Append-only."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project_id = models.BigIntegerField()
    type = models.CharField(max_length=60)
    data = models.JSONField()
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["project_id", "-id"], name="event_of_project")]

    def __str__(self) -> str:
        return f"{self.type} {self.uid}"


class WebhookEndpoint(models.Model):
    """Where a client wants to be told, and the secret that proves that it was us.

    While a rotation lasts, messages are signed with both secrets.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project_id = models.BigIntegerField()
    url = models.CharField(max_length=500)
    note = models.CharField(max_length=200, blank=True)
    events = models.JSONField(help_text='Types of events, or ["*"] for all.')
    secret = models.CharField(max_length=120, editable=False)
    previous_secret = models.CharField(max_length=120, blank=True, editable=False)
    previous_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="endpoint_old_secret_has_an_end",
                condition=Q(previous_secret="", previous_secret_until__isnull=True)
                | Q(~Q(previous_secret=""), previous_secret_until__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["project_id", "url"],
                condition=Q(disabled_at__isnull=True),
                name="endpoint_active_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project_id"],
                name="endpoint_active",
                condition=Q(disabled_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.url

    def wants(self, event_type: str) -> bool:
        return "*" in self.events or event_type in self.events


class DeliveryState(models.TextChoices):
    PENDING = "pending", "Waiting for its time"
    SENDING = "sending", "Being sent"
    SUCCEEDED = "succeeded", "Delivered"
    FAILED = "failed", "Given up"


class Delivery(models.Model):
    """One attempt chain to tell one endpoint of one event; the row is the job.

    Only the holder of the highest `fence` may write what became of it. `round` counts attempts
    since the chain began or was begun again by a person.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    state = models.CharField(
        max_length=9, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    round = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_state_is_told_by_its_times",
                condition=Q(
                    state="pending",
                    next_attempt_at__isnull=False,
                    lease_until__isnull=True,
                    ended_at__isnull=True,
                )
                | Q(state="sending", lease_until__isnull=False, ended_at__isnull=True)
                | Q(
                    state__in=["succeeded", "failed"],
                    next_attempt_at__isnull=True,
                    lease_until__isnull=True,
                    ended_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], name="delivery_due", condition=Q(state="pending")
            ),
            models.Index(
                fields=["lease_until"], name="delivery_leased", condition=Q(state="sending")
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}: {self.state}"


class DeliveryAttempt(models.Model):
    """What came of one attempt. Append-only. `status` is empty when no answer came."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    fence = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField()
    answer = models.CharField(max_length=1000, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "fence"], name="attempt_once_per_fence"),
            models.CheckConstraint(
                name="attempt_answered_or_failed",
                condition=Q(status__isnull=False) | ~Q(error=""),
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.fence} of delivery {self.delivery_id}"
