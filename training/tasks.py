"""Envelopes for the worker: one call each, safe to run twice."""

from __future__ import annotations

import os
import socket
from typing import Any

from celery import shared_task

from reviewhub.common.clock import database_now
from training.actions.consider_runs import consider_runs
from training.actions.execute_run import execute_run
from training.actions.recover_runs import recover_runs
from training.actions.request_run_if_due import request_run_if_due

LONGEST = 6 * 3600
"""Seconds; the lease of the row, not this limit, is what recovers a run."""


@shared_task(
    name="training.execute_run",
    acks_late=False,
    reject_on_worker_lost=False,
    time_limit=LONGEST,
    soft_time_limit=LONGEST - 60,
)
def execute(*, run_id: int, **_: Any) -> None:
    """Do the run, unless another worker has it. Acknowledged at once: its row brings it back."""
    execute_run(run_id=run_id, worker=f"{socket.gethostname()}:{os.getpid()}")


@shared_task(name="training.consider_run")
def consider(*, project_id: int, **_: Any) -> None:
    """Request a run if enough was approved."""
    request_run_if_due(project_id=project_id, now=database_now())


@shared_task(name="training.reconcile")
def reconcile(**_: Any) -> dict[str, int]:
    """Bring back runs that lost their worker or their message, and request those that are due."""
    now = database_now()
    return {"recovered": len(recover_runs(now=now)), "requested": len(consider_runs(now=now))}
