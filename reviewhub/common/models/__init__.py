from reviewhub.common.models.audit import AuditEntry
from reviewhub.common.models.heartbeat import WorkerHeartbeat
from reviewhub.common.models.idempotency import IdempotencyRecord
from reviewhub.common.models.job import Job, JobState
from reviewhub.common.models.outbox import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    OutboxEvent,
    WebhookEndpoint,
)
from reviewhub.common.models.tally import Tally

__all__ = [
    "AuditEntry",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "IdempotencyRecord",
    "Job",
    "JobState",
    "OutboxEvent",
    "Tally",
    "WebhookEndpoint",
    "WorkerHeartbeat",
]
