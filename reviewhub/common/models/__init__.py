from reviewhub.common.models.audit import AuditEntry
from reviewhub.common.models.heartbeat import WorkerHeartbeat
from reviewhub.common.models.idempotency import IdempotencyRecord
from reviewhub.common.models.outbox import (
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    OutboxEvent,
    WebhookEndpoint,
)

__all__ = [
    "AuditEntry",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "IdempotencyRecord",
    "OutboxEvent",
    "WebhookEndpoint",
    "WorkerHeartbeat",
]
