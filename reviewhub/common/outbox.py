"""Events for clients, written where they happen and sent after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from reviewhub.common.errors import JsonDict
from reviewhub.common.models import Delivery, OutboxEvent, WebhookEndpoint
from reviewhub.common.request_id import current_request_id
from reviewhub.common.statements import Statement, insert_and_ask
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


# Most projects have nobody who listens; then nothing more is asked.
_LISTENING = Statement(
    """
    SELECT id FROM common_webhookendpoint
    WHERE project_id = %(project)s AND disabled_at IS NULL LIMIT 1
    """,
    _Listening,
)
_IS_HEARD = """
    EXISTS (
        SELECT 1 FROM common_webhookendpoint endpoint
        WHERE endpoint.project_id = common_outboxevent.project_id AND endpoint.disabled_at IS NULL
    )
"""
"""The same of an event that is being written."""


def publish(
    *, project_id: int, type: str, also: Sequence[str] = (), data: JsonDict, now: datetime
) -> None:
    """Record that `type` happened, and one delivery per active endpoint that wants to know.

    Call it inside the transaction of the deed: both stand, or neither. What is `also` to be told
    of the same deed are events of their own. An unknown type is a bug.
    """
    types = (type, *also)
    if unknown := [each for each in types if each not in EVENTS]:
        raise ValueError(f"{unknown[0]} is not one of {sorted(EVENTS)}")
    request_id = current_request_id()
    events = [
        OutboxEvent(
            project_id=project_id, type=each, data=data, request_id=request_id, created_at=now
        )
        for each in types
    ]
    if not insert_and_ask(events, _IS_HEARD):
        return
    active = _active(project_id)
    for event in events:
        for endpoint in active:
            if endpoint.wants(event.type):
                begin_delivery(event, endpoint, now=now)


def is_wanted(*, project_id: int, type: str) -> bool:
    """Whether anybody would be told; one query."""
    if _LISTENING.first(project=project_id) is None:
        return False
    return any(endpoint.wants(type) for endpoint in _active(project_id))


def begin_delivery(event: OutboxEvent, endpoint: WebhookEndpoint, *, now: datetime) -> Delivery:
    """A new attempt chain, due at once."""
    delivery = Delivery.objects.create(
        event=event, endpoint=endpoint, next_attempt_at=now, created_at=now
    )
    wake("common.deliver", delivery_id=delivery.pk)
    return delivery


def _active(project_id: int) -> list[WebhookEndpoint]:
    endpoints = WebhookEndpoint.objects.filter(project_id=project_id, disabled_at__isnull=True)
    return list(endpoints.order_by("pk"))
