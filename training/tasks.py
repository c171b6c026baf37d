"""Envelopes for the worker: one call each, safe to run twice."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from typing import Any

from celery import shared_task

from reviewhub.common.clock import database_now
from reviewhub.common.separately import separately
from reviewhub.common.wake import wake
from training.actions.consider_runs import consider_runs
from training.actions.execute_run import execute_run
from training.actions.recover_runs import recover_runs
from training.actions.request_run_if_due import request_run_if_due
from training.actions.score_novelty import score_novelty
from training.actions.select_for_learning import select_for_learning
from training.queries.watched import asking_for_learning, asking_for_novelty

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
    """Bring back runs that lost their worker or their message, and request those that are due.

    Neither fails with the other, nor one project with another.
    """
    now = database_now()
    return separately(
        {
            "recovered": lambda: len(recover_runs(now=now)),
            "requested": lambda: len(consider_runs(now=now)),
        }
    )


@shared_task(name="training.embed_for_novelty")
def look_for_novelty(*, project_id: int, **_: Any) -> None:
    """Score what was routed since; come back at once if a turn was not enough."""
    done = score_novelty(project_id=project_id, clock=database_now)
    if done is not None and done.more:
        wake("training.embed_for_novelty", queue="infer", project_id=project_id)


@shared_task(name="training.embed_to_select")
def select(*, project_id: int, **_: Any) -> None:
    """Pick what yesterday offers to learn from, once a day."""
    select_for_learning(project_id=project_id, clock=database_now)


@shared_task(name="training.watch")
def watch(**_: Any) -> dict[str, int]:
    """Wake what is due in every project that asks for it, messages that were lost included."""
    now = database_now()
    return separately(
        {
            "novelty": lambda: _wake_all("training.embed_for_novelty", asking_for_novelty()),
            "learning": lambda: _wake_all("training.embed_to_select", asking_for_learning(now=now)),
        }
    )


def _wake_all(task: str, project_ids: Sequence[int]) -> int:
    for project_id in project_ids:
        wake(task, queue="infer", project_id=project_id)
    return len(project_ids)
