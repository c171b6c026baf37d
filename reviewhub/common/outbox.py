"""Events for clients, written where they happen and sent after the commit."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from reviewhub.common.errors import JsonDict
from reviewhub.common.models import Delivery, OutboxEvent, WebhookEndpoint
from reviewhub.common.request_id import current_request_id
from reviewhub.common.statements import Statement, insert
from reviewhub.common.wake import wake

# Every type there is: what is published under another name would reach nobody who asked by name.
EVENTS = frozenset(
    {
        "prediction.routed",
        "annotation.settled",
        "annotation.corrected",
        "snapshot.frozen",
        "run.finished",
        "gate.decided",
        "model.promoted",
        "model.rolled_back",
        "job.finished",
    }
)


class _Listening(NamedTuple):
    id: int


# Most projects have none; then nothing more is asked.
_LISTENING = Statement(
    """
    SELECT id FROM common_webhookendpoint
    WHERE project_id = %(project)s AND disabled_at IS NULL LIMIT 1
    """,
    _Listening,
)


def publish(*, project_id: int, type: str, data: JsonDict, now: datetime) -> None:
    """Record that `type` happened, and one delivery per active endpoint that wants to know.

    Call it inside the transaction of the deed: both stand, or neither. An unknown type is a bug.
    """
    if type not in EVENTS:
        raise ValueError(f"{type} is not one of {sorted(EVENTS)}")
    event = insert(
        OutboxEvent(
            project_id=project_id,
            type=type,
            data=data,
            request_id=current_request_id(),
            created_at=now,
        )
    )
    for endpoint in _wanting(project_id, type):
        begin_delivery(event, endpoint, now=now)


def is_wanted(*, project_id: int, type: str) -> bool:
    """Whether anybody would be told; one query."""
    return bool(_wanting(project_id, type))


def begin_delivery(event: OutboxEvent, endpoint: WebhookEndpoint, *, now: datetime) -> Delivery:
    """A new attempt chain, due at once."""
    delivery = Delivery.objects.create(
        event=event, endpoint=endpoint, next_attempt_at=now, created_at=now
    )
    wake("common.deliver", delivery_id=delivery.pk)
    return delivery


def _wanting(project_id: int, type: str) -> list[WebhookEndpoint]:
    if _LISTENING.first(project=project_id) is None:
        return []
    active = WebhookEndpoint.objects.filter(project_id=project_id, disabled_at__isnull=True)
    return [endpoint for endpoint in active if endpoint.wants(type)]
