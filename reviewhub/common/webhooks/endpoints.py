"""Endpoints: where a project's events go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.errors import JsonDict
from reviewhub.common.models import Delivery, OutboxEvent, WebhookEndpoint
from reviewhub.common.outbox import EVENTS, begin_delivery
from reviewhub.common.outgoing import errors as outgoing
from reviewhub.common.outgoing.target import check_target
from reviewhub.common.request_id import current_request_id
from reviewhub.common.webhooks.errors import (
    EndpointDisabled,
    EndpointExists,
    TargetRefused,
    UnknownEvent,
)
from reviewhub.common.webhooks.message import PING, new_secret

BOTH_SECRETS_FOR = timedelta(hours=24)


def register_endpoint(
    *,
    project_id: int,
    url: str,
    events: Sequence[str] = ("*",),
    note: str = "",
    actor: Actor,
    now: datetime,
) -> WebhookEndpoint:
    """Send the project's events of these types to `url`; the row holds the secret to hand over.

    Raises TargetRefused, UnknownEvent, EndpointExists.
    """
    try:
        check_target(url, allowed=settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS)
    except outgoing.TargetRefused as refused:
        raise TargetRefused(refused.detail) from refused
    if not events or (unknown := sorted(set(events) - EVENTS - {"*"})):
        raise UnknownEvent(unknown=unknown if events else [], known=sorted(EVENTS))
    endpoint = WebhookEndpoint(
        project_id=project_id,
        url=url,
        events=sorted(set(events)),
        note=note,
        secret=new_secret(),
        created_at=now,
    )
    try:
        with transaction.atomic():
            endpoint.save(force_insert=True)
            _record(endpoint, "register", actor, now, after={"url": url, "events": endpoint.events})
    except IntegrityError as error:
        raise EndpointExists from error
    return endpoint


def rotate_secret(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime) -> WebhookEndpoint:
    """A new secret; for a day messages carry both signatures. Raises EndpointDisabled."""
    with transaction.atomic():
        endpoint = _active(endpoint)
        endpoint.previous_secret = endpoint.secret
        endpoint.previous_secret_until = now + BOTH_SECRETS_FOR
        endpoint.secret = new_secret()
        endpoint.save(update_fields=["previous_secret", "previous_secret_until", "secret"])
        _record(endpoint, "rotate_secret", actor, now)
    return endpoint


def disable_endpoint(
    *, endpoint: WebhookEndpoint, reason: str, actor: Actor, now: datetime
) -> bool:
    """Send nothing more there; whether this call did it. What waits fails when its time comes."""
    with transaction.atomic():
        changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=True).update(
            disabled_at=now, disabled_reason=reason[:200]
        )
        if changed:
            _record(endpoint, "disable", actor, now, after={"reason": reason})
    return bool(changed)


def ping_endpoint(*, endpoint: WebhookEndpoint, actor: Actor, now: datetime) -> Delivery:
    """Send a `webhook.ping`, whatever the endpoint subscribed to. Raises EndpointDisabled."""
    with transaction.atomic():
        endpoint = _active(endpoint)
        event = OutboxEvent.objects.create(
            project_id=endpoint.project_id,
            type=PING,
            data={"endpoint": str(endpoint.uid)},
            request_id=current_request_id(),
            created_at=now,
        )
        _record(endpoint, "ping", actor, now)
        return begin_delivery(event, endpoint, now=now)


def _active(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Locked, so that two rotations at once do not lose a secret that was handed out."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if endpoint.disabled_at is not None:
        raise EndpointDisabled(reason=endpoint.disabled_reason)
    return endpoint


def _record(
    endpoint: WebhookEndpoint,
    verb: str,
    actor: Actor,
    now: datetime,
    after: JsonDict | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=f"webhooks.{verb}",
        subject=endpoint,
        project_id=endpoint.project_id,
        after=after,
        now=now,
    )
