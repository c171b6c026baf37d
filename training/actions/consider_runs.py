from __future__ import annotations

from datetime import datetime
from functools import partial

from reviewhub.common.separately import separately
from training.actions.request_run_if_due import request_run_if_due
from training.models import TrainingRun
from training.queries.policies import projects_learning_by_themselves


def consider_runs(*, now: datetime) -> list[TrainingRun]:
    """Request what is due in every project, for approvals whose message was lost.

    A project that fails stops no other.
    """
    requested: list[TrainingRun] = []
    projects = projects_learning_by_themselves()
    separately({f"project {pk}": partial(_consider, pk, now, requested) for pk in projects})
    return requested


def _consider(project_id: int, now: datetime, requested: list[TrainingRun]) -> int:
    run = request_run_if_due(project_id=project_id, now=now)
    requested += [run] if run else []
    return int(run is not None)
