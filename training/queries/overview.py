from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from annotations.queries.learning import new_approvals
from annotations.queries.projects import kind_of
from training.domain.recipes import LEARNED_KINDS
from training.models import (
    ACTIVE,
    DatasetSnapshot,
    ModelRole,
    ModelVersion,
    Promotion,
    RunState,
    TrainingRun,
)
from training.queries.models_page import ModelRow, with_decision
from training.queries.models_page import rows_of as model_rows
from training.queries.policies import training_policy_of
from training.queries.runs_page import RunRow, rows_of, with_outcome


@dataclass(frozen=True)
class LearningOverview:
    """The learning half of the loop, station by station.

    `runs` and `models` count by state and by role; their sums are all there are. `approved` are
    the labels approved since the last run began. Where nothing `learns` this kind of work, there
    are none to wait for, and no run can be requested.
    """

    learns: bool
    approved: int
    approvals_needed: int | None
    automatic: bool
    snapshots: int
    runs: dict[str, int]
    active_run: RunRow | None
    last_run: RunRow | None
    models: dict[str, int]
    champion: ModelRow | None
    waiting: tuple[ModelRow, ...]
    promotions: int
    last_promotion_at: datetime | None


def overview_of(project_id: int) -> LearningOverview:
    """Live counts of runs, models and promotions; the same number of queries at any size."""
    policy = training_policy_of(project_id)
    learns = kind_of(project_id) in LEARNED_KINDS
    newest = with_outcome(TrainingRun.objects.filter(project_id=project_id)).order_by("-number")
    last = rows_of(newest[:1])
    active = rows_of(newest.filter(state__in=ACTIVE)[:1])
    models = ModelVersion.objects.filter(project_id=project_id).order_by("-number")
    champion = model_rows(with_decision(models.filter(role=ModelRole.CHAMPION)))
    # A model that was champion once is archived, so a candidate never was.
    waiting = with_decision(models.filter(role=ModelRole.CANDIDATE))
    promotions = Promotion.objects.filter(project_id=project_id).order_by("-number")
    return LearningOverview(
        learns=learns,
        approved=new_approvals(project_id) if learns else 0,
        approvals_needed=policy.approvals_needed if policy else None,
        automatic=policy.automatic if policy else False,
        snapshots=DatasetSnapshot.objects.filter(project_id=project_id).count(),
        runs=_by_state(project_id),
        active_run=active[0] if active else None,
        last_run=last[0] if last else None,
        models=_by_role(project_id),
        champion=champion[0] if champion else None,
        waiting=tuple(model_rows(waiting[:5])),
        promotions=promotions.count(),
        last_promotion_at=promotions.values_list("created_at", flat=True).first(),
    )


def _by_state(project_id: int) -> dict[str, int]:
    runs = TrainingRun.objects.filter(project_id=project_id)
    counted = dict(runs.values_list("state").annotate(n=Count("pk")).order_by("state"))
    return {state.value: counted.get(state.value, 0) for state in RunState}


def _by_role(project_id: int) -> dict[str, int]:
    models = ModelVersion.objects.filter(project_id=project_id)
    counted = dict(models.values_list("role").annotate(n=Count("pk")).order_by("role"))
    return {role.value: counted.get(role.value, 0) for role in ModelRole}
