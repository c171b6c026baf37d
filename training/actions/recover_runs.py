from __future__ import annotations

from datetime import datetime, timedelta

from training.actions.retry_run import retry_run
from training.models import RunState, TrainingRun
from training.signals import run_requested

PATIENCE = timedelta(seconds=30)
"""How long a queued run may wait before its message is taken for lost."""

WORKER_LOST = "worker_lost"


def recover_runs(*, now: datetime) -> list[int]:
    """Pick up what lost workers and lost messages left behind; returns the ids of those runs.

    Runs whose lease ran out go back to the queue or, out of attempts, to failed; queued runs
    that nobody took are woken again. Of callers at once only one recovers a run; waking twice is
    harmless.
    """
    lost = TrainingRun.objects.filter(state=RunState.RUNNING, lease_until__lt=now).order_by("pk")
    recovered = [
        run.pk
        for run in lost
        if retry_run(
            run=run,
            code=WORKER_LOST,
            why="The worker vanished in the middle of the work.",
            log_tail=run.log_tail,
            silent_since=now,
            now=now,
        )
    ]
    waiting = TrainingRun.objects.filter(state=RunState.QUEUED, created_at__lt=now - PATIENCE)
    for run_id in waiting.exclude(pk__in=recovered).order_by("pk").values_list("pk", flat=True):
        run_requested.send(sender=TrainingRun, run_id=run_id, now=now)
        recovered.append(run_id)
    return recovered
