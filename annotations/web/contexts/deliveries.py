from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from annotations.models import Project
from annotations.queries.webhooks import deliveries_of
from reviewhub.common.cursor import Cursor
from reviewhub.common.models import Delivery, DeliveryAttempt, DeliveryState
from reviewhub.common.pages import Badge, Link, Pages, pages_of

STATES = {
    DeliveryState.PENDING: Badge("caution", "waiting"),
    DeliveryState.SENDING: Badge("active", "being sent"),
    DeliveryState.SUCCEEDED: Badge("positive", "delivered"),
    DeliveryState.FAILED: Badge("negative", "given up"),
}


@dataclass(frozen=True)
class AttemptLine:
    at: datetime
    text: str


@dataclass(frozen=True)
class DeliveryLine:
    at: datetime
    event: str
    address: str
    badge: Badge
    next_attempt_at: datetime | None
    attempts: Sequence[AttemptLine]
    redeliver_url: str | None


@dataclass(frozen=True)
class DeliveriesPage:
    rows: Sequence[DeliveryLine]
    pages: Pages
    crumbs: Sequence[Link]
    title: str = "Deliveries"
    lede: str = "What clients were told by webhook. A failed one is tried again for three days."
    empty_text: str = (
        "A delivery appears for every event that a webhook listens to. "
        "Clients register webhooks through the API."
    )


def deliveries_page(project: Project, cursor: Cursor) -> DeliveriesPage:
    part = deliveries_of(project.pk, cursor)
    path = reverse("annotations:deliveries", args=[project.slug])
    settings = reverse("training:settings", args=[project.slug])
    return DeliveriesPage(
        rows=[_line(project, delivery) for delivery in part.rows],
        pages=pages_of(part, path, {}),
        crumbs=[Link("Settings", f"{settings}#webhooks")],
    )


def _line(project: Project, delivery: Delivery) -> DeliveryLine:
    state = DeliveryState(delivery.state)
    ended = state in (DeliveryState.SUCCEEDED, DeliveryState.FAILED)
    again = reverse("annotations:redeliver", args=[project.slug, delivery.uid])
    return DeliveryLine(
        at=delivery.created_at,
        event=delivery.event.type,
        address=delivery.endpoint.url,
        badge=STATES[state],
        next_attempt_at=delivery.next_attempt_at,
        attempts=[_attempt(attempt) for attempt in delivery.attempts.all()],
        redeliver_url=again if ended and delivery.endpoint.disabled_at is None else None,
    )


def _attempt(attempt: DeliveryAttempt) -> AttemptLine:
    said = f"answered {attempt.status}" if attempt.status is not None else attempt.error
    return AttemptLine(attempt.created_at, f"{said}, {attempt.milliseconds} ms")
