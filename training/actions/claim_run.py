from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, Q, Value
from django.db.models.functions import Coalesce

from annotations.actions.offer_approvals import offer_approvals
from training.models import RunState, RunStep, TrainingRun


def claim_run(
    *, run_id: int, worker: str, lease_seconds: float, now: datetime
) -> TrainingRun | None:
    """Take the run for this worker, or answer None: somebody else has it, or it has ended.

    One conditional UPDATE, so of two workers exactly one wins. The fence rises with every claim:
    whoever held the run before can write nothing from then on. With its first claim a run begins,
    and what was approved by then asks for no other one: a run that failed counts, since the same
    approvals would fail again. `now` is the database's clock.
    """
    with transaction.atomic():
        if not _take(run_id, worker, lease_seconds, now):
            return None
        run = TrainingRun.objects.select_related("project", "policy", "snapshot").get(pk=run_id)
        if run.attempt == 1:
            offer_approvals(project_id=run.project_id)
    return run


def _take(run_id: int, worker: str, lease_seconds: float, now: datetime) -> bool:
    free = Q(state=RunState.QUEUED) | Q(state=RunState.RUNNING, lease_until__lt=now)
    taken = (
        TrainingRun.objects.filter(free, pk=run_id, attempt__lt=F("max_attempts"))
        .filter(cancel_requested_at__isnull=True)
        .update(
            state=RunState.RUNNING,
            step=RunStep.WAITING,
            progress=0.0,
            fence=F("fence") + 1,
            attempt=F("attempt") + 1,
            lease_until=now + timedelta(seconds=lease_seconds),
            started_at=Coalesce("started_at", Value(now, output_field=DateTimeField())),
            message=f"Taken by {worker}."[:300],
        )
    )
    return bool(taken)
