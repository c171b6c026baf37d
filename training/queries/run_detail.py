from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from reviewhub.common.clock import Moment
from reviewhub.common.errors import JsonDict
from training.errors import UnknownRun
from training.models import RunState, RunStep, TrainingRun
from training.queries.runs_page import RunRow, rows_of, with_outcome

PLANNED = [step for step in RunStep if step not in (RunStep.WAITING, RunStep.DONE)]


@dataclass(frozen=True)
class StepFacts:
    """One step of the plan: `state` is waiting, running, done or broken."""

    step: str
    label: str
    state: str
    attempt: int | None
    started_at: Moment | None
    ended_at: Moment | None
    figures: JsonDict

    @property
    def seconds(self) -> float | None:
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class SnapshotFacts:
    digest: str
    created_at: Moment
    counts: JsonDict


@dataclass(frozen=True)
class RunDetail:
    """Everything the page of one run shows."""

    row: RunRow
    steps: tuple[StepFacts, ...]
    attempt: int
    max_attempts: int
    cancel_requested: bool
    policy_number: int
    snapshot: SnapshotFacts | None
    error_code: str
    error: str
    log_tail: str


def run_detail(project_id: int, number: int) -> RunDetail:
    """The run with this number; one query. Raises UnknownRun."""
    return detail_of(run_numbered(project_id, number))


def run_numbered(project_id: int, number: int) -> TrainingRun:
    """The run a page names; raises UnknownRun."""
    return _only(TrainingRun.objects.filter(project_id=project_id, number=number))


def run_with_uid(project_id: int, uid: UUID) -> TrainingRun:
    """The run a client names; raises UnknownRun."""
    return _only(TrainingRun.objects.filter(project_id=project_id, uid=uid))


def detail_of(run: TrainingRun) -> RunDetail:
    """What there is to say of a run that `run_with_uid` found."""
    snapshot = run.snapshot
    (row,) = rows_of([run])
    return RunDetail(
        row=row,
        steps=tuple(_step(run, step) for step in PLANNED),
        attempt=run.attempt,
        max_attempts=run.max_attempts,
        cancel_requested=run.cancel_requested_at is not None,
        policy_number=run.policy.number,
        snapshot=SnapshotFacts(snapshot.digest, snapshot.created_at, snapshot.counts)
        if snapshot
        else None,
        error_code=run.error_code,
        error=run.error,
        log_tail=run.log_tail,
    )


def _only(runs: QuerySet[TrainingRun]) -> TrainingRun:
    found = with_outcome(runs).select_related("model_version", "policy", "snapshot").first()
    if found is None:
        raise UnknownRun
    return found


def _step(run: TrainingRun, step: RunStep) -> StepFacts:
    """The newest attempt at a step; earlier ones stay in the row."""
    entry = next((entry for entry in reversed(run.steps) if entry["step"] == step), None)
    if entry is None:
        return StepFacts(step, step.label, "waiting", None, None, None, {})
    ended = entry["ended_at"]
    open_now = run.state == RunState.RUNNING and run.step == step
    return StepFacts(
        step=step,
        label=step.label,
        state="done" if ended else "running" if open_now else "broken",
        attempt=entry["attempt"],
        started_at=datetime.fromisoformat(entry["started_at"]),
        ended_at=datetime.fromisoformat(ended) if ended else None,
        figures=entry["figures"],
    )
