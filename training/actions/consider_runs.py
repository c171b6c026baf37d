from __future__ import annotations

from datetime import datetime

from training.actions.request_run_if_due import request_run_if_due
from training.models import TrainingRun
from training.queries.policies import projects_learning_by_themselves


def consider_runs(*, now: datetime) -> list[TrainingRun]:
    """Request what is due in every project, for approvals whose message was lost."""
    considered = (
        request_run_if_due(project_id=project_id, now=now)
        for project_id in projects_learning_by_themselves()
    )
    return [run for run in considered if run is not None]
