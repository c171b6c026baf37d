from __future__ import annotations

from datetime import datetime

from django.db.models import F

from reviewhub.common import outbox
from training.models import RunState, RunStep, TrainingRun


def end_run(
    *,
    run: TrainingRun,
    state: RunState,
    message: str,
    now: datetime,
    error_code: str = "",
    error: str = "",
    log_tail: str = "",
) -> bool:
    """Close an active run for good and tell the subscribers; False when it is not ours to close.

    Runs in the caller's transaction. `run.fence` is the caller's: a later claim makes this void.
    """
    done = {"progress": 1.0, "step": RunStep.DONE} if state == RunState.SUCCEEDED else {}
    mine = TrainingRun.objects.filter(pk=run.pk, fence=run.fence, state=run.state)
    ended = mine.update(
        state=state,
        ended_at=now,
        lease_until=None,
        fence=F("fence") + 1,
        message=message[:300],
        error_code=error_code,
        error=error,
        log_tail=log_tail,
        **done,
    )
    if ended:
        _tell(run, state, error_code, message, now)
    return bool(ended)


def _tell(run: TrainingRun, state: RunState, error_code: str, message: str, now: datetime) -> None:
    outbox.publish(
        project_id=run.project_id,
        type="run.finished",
        data={
            "run": str(run.uid),
            "number": run.number,
            "state": state.value,
            "error_code": error_code,
            "message": message,
        },
        now=now,
    )
