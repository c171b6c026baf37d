from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from reviewhub.common.separately import separately
from training.actions.held_run import RunTimes
from training.actions.retry_run import retry_run
from training.models import RunState, TrainingRun
from training.signals import run_requested

PATIENCE = timedelta(seconds=30)
"""How long a queued run may wait before its message is taken for lost."""

LEASE = timedelta(seconds=RunTimes().lease)

WORKER_LOST = "worker_lost"


def recover_runs(*, now: datetime) -> list[int]:
    """Pick up what lost workers and lost messages left behind; returns the ids of those runs.

    Runs whose lease ran out go back to the queue or, out of attempts, to failed; queued runs
    that nobody took are woken again. Of callers at once only one recovers a run; waking twice is
    harmless. What was leased or queued before the database's clock went back does not wait until
    the clock has caught up. A run that fails to be recovered stops no other.
    """
    _shorten(now)
    lost = TrainingRun.objects.filter(state=RunState.RUNNING, lease_until__lt=now).order_by("pk")
    recovered: list[int] = []
    separately(
        {
            **{f"lost run {run.pk}": partial(_give_back, run, now, recovered) for run in lost},
            "waiting runs": partial(_wake_waiting, now, recovered),
        }
    )
    return recovered


def _give_back(run: TrainingRun, now: datetime, recovered: list[int]) -> int:
    given_back = retry_run(
        run=run,
        code=WORKER_LOST,
        why="The worker vanished in the middle of the work.",
        log_tail=run.log_tail,
        silent_since=now,
        now=now,
    )
    recovered += [run.pk] if given_back else []
    return int(given_back)


def _wake_waiting(now: datetime, recovered: list[int]) -> int:
    """Those that were given back just now have been told of already."""
    old = Q(created_at__lt=now - PATIENCE) | Q(created_at__gt=now + PATIENCE)
    waiting = TrainingRun.objects.filter(old, state=RunState.QUEUED).exclude(pk__in=recovered)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True))
    separately({f"waiting run {pk}": partial(_wake, pk, now, recovered) for pk in ids})
    return len(ids)


def _wake(run_id: int, now: datetime, recovered: list[int]) -> int:
    run_requested.send(sender=TrainingRun, run_id=run_id, now=now)
    recovered.append(run_id)
    return 1


def _shorten(now: datetime) -> None:
    """Give leases of the future the length of one given now.

    Not taken at once, as `lapsed` would have it: a worker that lives beats well before it is over,
    and keeps what may be an hour of work.
    """
    held = TrainingRun.objects.filter(state=RunState.RUNNING)
    held.filter(lease_until__gt=now + 2 * LEASE).update(lease_until=now + LEASE)
