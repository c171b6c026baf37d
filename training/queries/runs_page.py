from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from reviewhub.common.clock import Moment
from reviewhub.common.cursor import PAGE_SIZE
from training.models import ACTIVE, GateDecision, RunState, RunStep, TrainingRun


@dataclass(frozen=True)
class RunRow:
    """A training run as a list shows it. `progress` of the whole run, 0 to 1."""

    uid: UUID
    number: int
    state: str
    state_label: str
    step: str
    step_label: str
    progress: float
    message: str
    requested_by: str
    reasons: tuple[str, ...]
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    seconds: float | None
    model_number: int | None
    verdict: str | None

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


@dataclass(frozen=True)
class RunsPage:
    rows: tuple[RunRow, ...]
    next_before: int | None
    """Ask for `before=` this number to see older runs; None at the end."""


def runs_page(project_id: int, *, before: int | None = None, size: int = PAGE_SIZE) -> RunsPage:
    """Runs of a project, newest first; one query."""
    runs = with_outcome(TrainingRun.objects.filter(project_id=project_id)).order_by("-number")
    if before is not None:
        runs = runs.filter(number__lt=before)
    found = list(runs[: size + 1])
    more = found[size - 1].number if len(found) > size else None
    return RunsPage(rows=tuple(rows_of(found[:size])), next_before=more)


def with_outcome(runs: QuerySet[TrainingRun]) -> QuerySet[TrainingRun]:
    """Runs that know the number of the model they made and the gate's verdict on it."""
    verdict = GateDecision.objects.filter(challenger__run=OuterRef("pk")).order_by("-pk")
    return runs.select_related("model_version").annotate(
        verdict=Subquery(verdict.values("verdict")[:1])
    )


def rows_of(runs: Iterable[TrainingRun]) -> list[RunRow]:
    return [_row(run) for run in runs]


def _row(run: TrainingRun) -> RunRow:
    model = getattr(run, "model_version", None)
    return RunRow(
        uid=run.uid,
        number=run.number,
        state=run.state,
        state_label=RunState(run.state).label,
        step=run.step,
        step_label=RunStep(run.step).label,
        progress=run.progress,
        message=run.message,
        requested_by=run.requested_by,
        reasons=tuple(run.reasons),
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        seconds=_seconds(run.started_at, run.ended_at),
        model_number=model.number if model else None,
        verdict=getattr(run, "verdict", None),
    )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
