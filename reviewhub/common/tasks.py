"""Envelopes: ids in, one call, safe to run twice."""

from __future__ import annotations

import random
from typing import Any

from celery import shared_task

from reviewhub.common import jobs, tally, webhooks
from reviewhub.common.clock import database_now
from reviewhub.common.heartbeat import beat as write_beat
from reviewhub.common.idempotency import forget_expired
from reviewhub.common.separately import separately

LONGEST_JOB = 6 * 3600
"""Seconds; the lease of the row, not this limit, is what recovers a job."""


@shared_task(name="common.deliver")
def deliver(*, delivery_id: int, **_: Any) -> None:
    """The attempt of one delivery that is due."""
    jitter = random.random()  # noqa: S311 (spreads load, guards nothing)
    webhooks.deliver(delivery_id=delivery_id, now=database_now(), jitter=jitter)


@shared_task(name="common.reconcile")
def reconcile(**_: Any) -> dict[str, int]:
    """Find deliveries that are due and jobs that were lost; forget old answers; fold counters.

    A part that fails stops no other.
    """
    now = database_now()
    return separately(
        {
            "deliveries": lambda: webhooks.reconcile_deliveries(now=now),
            "jobs": lambda: jobs.recover_jobs(now=now),
            "forgotten": lambda: forget_expired(now=now),
            "folded": tally.fold,
        }
    )


@shared_task(
    name=jobs.TASK,
    acks_late=False,
    reject_on_worker_lost=False,
    time_limit=LONGEST_JOB,
    soft_time_limit=LONGEST_JOB - 60,
)
def run_job(*, job_id: int, **_: Any) -> None:
    """Do the job, unless another worker has it. Acknowledged at once: its row brings it back."""
    jobs.run_job(job_id=job_id, clock=database_now)


@shared_task(name="common.beat", bind=True)
def beat(self: Any, /, *, queue: str, **_: Any) -> None:
    """A sign of life from the scheduler, through the broker and a worker, into the database."""
    write_beat(queue=queue, worker=self.request.hostname or "", now=database_now())
