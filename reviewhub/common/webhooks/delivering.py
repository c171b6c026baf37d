"""One attempt at a delivery: claim it, send it, write down what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.clock import lapsed
from reviewhub.common.models import Delivery, DeliveryAttempt, DeliveryState
from reviewhub.common.outgoing.errors import TargetRefused
from reviewhub.common.outgoing.target import check_target
from reviewhub.common.request_id import current_request_id
from reviewhub.common.wake import wake
from reviewhub.common.webhooks.endpoints import disable_endpoint
from reviewhub.common.webhooks.errors import (
    DeliveryInProgress,
    EndpointDisabled,
)
from reviewhub.common.webhooks.message import body_of, headers_of, read_retry_after, secrets_of
from reviewhub.common.webhooks.schedule import next_attempt_at
from reviewhub.common.webhooks.sending import Outcome, post

SECONDS = 15.0
# Well beyond one attempt: a lease that runs out means that the worker has died.
LEASE = timedelta(seconds=60)

logger = structlog.get_logger(__name__)


def deliver(*, delivery_id: int, now: datetime, jitter: float) -> Outcome | None:
    """Make the attempt that is due; None when none is, or somebody else is at it.

    Safe to run twice at once: a conditional UPDATE gives the claim to one, and its fence keeps a
    worker that was given up from writing anything. `jitter` in [0, 1) spreads the next attempt.
    """
    fence = _claim(delivery_id, now)
    if fence is None:
        return None
    delivery = Delivery.objects.select_related("event", "endpoint").get(pk=delivery_id)
    outcome = _attempt(delivery, now)
    ended = now + timedelta(milliseconds=outcome.milliseconds)
    with transaction.atomic():
        if not _settle(delivery, fence, outcome, ended, jitter):
            logger.warning("delivery_lease_lost", delivery=str(delivery.uid), fence=fence)
            return None
        _write_down(delivery, fence, outcome, now)
        if outcome.gone:
            disable_endpoint(
                endpoint=delivery.endpoint,
                reason="The receiver answered 410 Gone.",
                actor=Actor.system("webhooks"),
                now=ended,
            )
    return outcome


def redeliver(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Begin an ended delivery again, with the whole schedule before it.

    Raises DeliveryInProgress, EndpointDisabled.
    """
    if delivery.endpoint.disabled_at is not None:
        raise EndpointDisabled(reason=delivery.endpoint.disabled_reason)
    with transaction.atomic():
        ended = Q(state__in=[DeliveryState.SUCCEEDED, DeliveryState.FAILED])
        if not Delivery.objects.filter(ended, pk=delivery.pk).update(
            state=DeliveryState.PENDING, round=0, next_attempt_at=now, ended_at=None
        ):
            raise DeliveryInProgress
        audit.record(
            actor=actor,
            action="webhooks.redeliver",
            subject=delivery,
            project_id=delivery.event.project_id,
            now=now,
        )
        wake("common.deliver", delivery_id=delivery.pk)
    delivery.refresh_from_db()
    return delivery


def due(now: datetime) -> Q:
    """Deliveries whose time has come, and those whose worker has died."""
    return Q(state=DeliveryState.PENDING, next_attempt_at__lte=now) | Q(
        lapsed(now, LEASE), state=DeliveryState.SENDING
    )


def _claim(delivery_id: int, now: datetime) -> int | None:
    """The fence of the claim, if it is ours."""
    seen = Delivery.objects.filter(due(now), pk=delivery_id).values_list("fence", flat=True).first()
    if seen is None:
        return None
    claimed = Delivery.objects.filter(due(now), pk=delivery_id, fence=seen).update(
        state=DeliveryState.SENDING, fence=seen + 1, lease_until=now + LEASE
    )
    return seen + 1 if claimed else None


def _attempt(delivery: Delivery, now: datetime) -> Outcome:
    """The address is resolved and checked anew: a name may point elsewhere by now."""
    endpoint = delivery.endpoint
    if endpoint.disabled_at is not None:
        return Outcome(None, f"Switched off: {endpoint.disabled_reason}", "", "", 0)
    try:
        target = check_target(endpoint.url, allowed=settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS)
    except TargetRefused as refused:
        return Outcome(None, refused.detail, "", "", 0)
    body = body_of(delivery.event)
    keys = secrets_of(endpoint, now=now)
    headers = headers_of(delivery.event, body, signed_with=keys, now=now)
    return post(target, headers=headers, body=body, seconds=SECONDS)


def _settle(
    delivery: Delivery, fence: int, outcome: Outcome, ended: datetime, jitter: float
) -> bool:
    """Move the row on; False when another worker has taken it over meanwhile."""
    attempts = delivery.round + 1
    again = None
    if not outcome.accepted and not outcome.gone and delivery.endpoint.disabled_at is None:
        again = next_attempt_at(
            attempts=attempts,
            ended=ended,
            retry_after=read_retry_after(outcome.retry_after, now=ended),
            jitter=jitter,
        )
    finished = DeliveryState.SUCCEEDED if outcome.accepted else DeliveryState.FAILED
    moved = Delivery.objects.filter(pk=delivery.pk, fence=fence, state=DeliveryState.SENDING)
    return bool(
        moved.update(
            state=DeliveryState.PENDING if again else finished,
            round=attempts,
            next_attempt_at=again,
            lease_until=None,
            ended_at=None if again else ended,
        )
    )


def _write_down(delivery: Delivery, fence: int, outcome: Outcome, now: datetime) -> None:
    DeliveryAttempt.objects.create(
        delivery=delivery,
        fence=fence,
        status=outcome.status,
        error=outcome.error,
        milliseconds=outcome.milliseconds,
        answer=outcome.answer,
        request_id=current_request_id(),
        created_at=now,
    )
