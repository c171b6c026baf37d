"""Envelopes: ids in, one call, safe to run twice."""

from __future__ import annotations

import random
from typing import Any

from celery import shared_task

from reviewhub.common import webhooks
from reviewhub.common.clock import database_now
from reviewhub.common.heartbeat import beat as write_beat
from reviewhub.common.idempotency import forget_expired


@shared_task(name="common.deliver")
def deliver(*, delivery_id: int, **_: Any) -> None:
    """The attempt of one delivery that is due."""
    jitter = random.random()  # noqa: S311 (spreads load, guards nothing)
    webhooks.deliver(delivery_id=delivery_id, now=database_now(), jitter=jitter)


@shared_task(name="common.reconcile")
def reconcile(**_: Any) -> None:
    """Find deliveries that are due and answers that may be forgotten."""
    now = database_now()
    webhooks.reconcile_deliveries(now=now)
    forget_expired(now=now)


@shared_task(name="common.beat", bind=True)
def beat(self: Any, /, *, queue: str, **_: Any) -> None:
    """A sign of life from the scheduler, through the broker and a worker, into the database."""
    write_beat(queue=queue, worker=self.request.hostname or "", now=database_now())
