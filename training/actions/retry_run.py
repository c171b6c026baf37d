from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from training.actions.end_run import end_run
from training.models import RunState, RunStep, TrainingRun
from training.signals import run_requested


def retry_run(
    *,
    run: TrainingRun,
    code: str,
    why: str,
    now: datetime,
    log_tail: str = "",
    silent_since: datetime | None = None,
) -> bool:
    """Put a run whose attempt broke back into the queue, or end it when its attempts are used up.

    `run.fence` is the caller's claim; False when somebody else has the run by now, or when its
    lease reaches beyond `silent_since`. A run that kills every worker ends as failed, and so
    cannot go round for ever.
    """
    with transaction.atomic():
        current = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if current.fence != run.fence or current.state != RunState.RUNNING:
            return False
        if silent_since is not None and _leased(current, silent_since):
            return False
        if current.cancel_requested_at is not None:
            return end_run(run=current, state=RunState.CANCELLED, message="Cancelled.", now=now)
        if current.attempt >= current.max_attempts:
            return end_run(
                run=current,
                state=RunState.FAILED,
                message=f"Gave up after {current.attempt} attempts.",
                error_code=code,
                error=why,
                log_tail=log_tail,
                now=now,
            )
        return _requeue(current, why, log_tail, now)


def _leased(run: TrainingRun, moment: datetime) -> bool:
    return run.lease_until is not None and run.lease_until >= moment


def _requeue(run: TrainingRun, why: str, log_tail: str, now: datetime) -> bool:
    TrainingRun.objects.filter(pk=run.pk, fence=run.fence).update(
        state=RunState.QUEUED,
        step=RunStep.WAITING,
        fence=F("fence") + 1,
        lease_until=None,
        message=f"Attempt {run.attempt} of {run.max_attempts} broke off: {why}"[:300],
        log_tail=log_tail,
    )
    run_requested.send(sender=TrainingRun, run_id=run.pk, now=now)
    return True
