"""Where a project's events go, and what became of each."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Prefetch

from annotations.errors import UnknownDelivery, UnknownEndpoint
from reviewhub.common.cursor import Cursor, Slice, slice_by_id
from reviewhub.common.models import Delivery, DeliveryAttempt, WebhookEndpoint


def endpoints_of(project_id: int) -> list[WebhookEndpoint]:
    """The endpoints that are switched on, in the order they were registered."""
    rows = WebhookEndpoint.objects.filter(project_id=project_id, disabled_at__isnull=True)
    return list(rows.order_by("pk"))


def endpoint_of(project_id: int, uid: UUID) -> WebhookEndpoint:
    """One endpoint, switched on or off; UnknownEndpoint."""
    endpoint = WebhookEndpoint.objects.filter(project_id=project_id, uid=uid).first()
    if endpoint is None:
        raise UnknownEndpoint(endpoint=str(uid))
    return endpoint


def deliveries_of(project_id: int, cursor: Cursor) -> Slice[Delivery]:
    """Newest first, with event, endpoint and attempts; two queries."""
    attempts = Prefetch("attempts", queryset=DeliveryAttempt.objects.order_by("pk"))
    rows = Delivery.objects.filter(event__project_id=project_id)
    return slice_by_id(rows.select_related("event", "endpoint").prefetch_related(attempts), cursor)


def delivery_of(project_id: int, uid: UUID) -> Delivery:
    """One delivery with event and endpoint; UnknownDelivery."""
    rows = Delivery.objects.filter(event__project_id=project_id, uid=uid)
    delivery = rows.select_related("event", "endpoint").first()
    if delivery is None:
        raise UnknownDelivery(delivery=str(uid))
    return delivery
