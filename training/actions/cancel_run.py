from __future__ import annotations

from datetime import datetime

from django.db import transaction

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from training.actions.end_run import end_run
from training.errors import RunAlreadyEnded
from training.models import RunState, TrainingRun


def cancel_run(*, run: TrainingRun, actor: Actor, now: datetime) -> TrainingRun:
    """End a queued run at once; ask the worker of a running one to stop. Asking twice is fine.

    Raises RunAlreadyEnded. A worker sees the request within a second or two and ends the
    learning process; a worker that is gone has its run cancelled when its lease runs out.
    """
    with transaction.atomic():
        run = TrainingRun.objects.select_for_update().get(pk=run.pk)
        if run.state == RunState.QUEUED:
            end_run(
                run=run, state=RunState.CANCELLED, message=f"Cancelled by {actor.name}.", now=now
            )
        elif run.state != RunState.RUNNING:
            raise RunAlreadyEnded(f"Run {run.number} is {run.state}.")
        elif run.cancel_requested_at is None:
            TrainingRun.objects.filter(pk=run.pk).update(cancel_requested_at=now)
        audit.record(
            actor=actor,
            action="run.cancel",
            subject=run,
            project_id=run.project_id,
            before={"state": run.state},
            now=now,
        )
    run.refresh_from_db()
    return run
