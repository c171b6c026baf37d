from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from reviewhub.common.pages import Badge, Confirm, Fact, Link, Pages
from training.queries.overview import LearningOverview
from training.queries.run_detail import RunDetail, StepFacts, run_detail
from training.queries.runs_page import RunRow, runs_page
from training.web.contexts.loop import next_run_text
from training.web.words import duration, figure_text, figures_text, run_badge, step_badge

EMPTY = "A run starts when enough corrections are approved, or when you ask for one."


@dataclass(frozen=True)
class Named:
    name: str
    url: str


@dataclass(frozen=True)
class RunLine:
    name: str
    url: str
    badge: Badge
    progress: float | None
    step: str
    reasons: str
    started_at: datetime | None
    duration: str
    model: Named | None


@dataclass(frozen=True)
class RunsContext:
    rows: Sequence[RunLine]
    pages: Pages
    actions: Sequence[Confirm]
    next_run: str
    live_url: str
    empty_text: str
    title: str = "Runs"
    lede: str = "Each run freezes what has been approved, learns from it, and faces the gate."


@dataclass(frozen=True)
class StepLine:
    name: str
    badge: Badge
    duration: str
    figures: str


@dataclass(frozen=True)
class RunContext:
    title: str
    crumbs: Sequence[Link]
    actions: Sequence[Confirm]
    badge: Badge
    live_url: str
    progress: float
    message: str
    error: str
    steps: Sequence[StepLine]
    facts: Sequence[Fact]
    log_tail: str
    chart: None = None


def runs_context(
    *, project_id: int, slug: str, before: int | None, loop: LearningOverview
) -> RunsContext:
    page = runs_page(project_id, before=before)
    path = reverse("training:runs", args=[slug])
    active = any(row.active for row in page.rows)
    older = f"{path}?before={page.next_before}" if page.next_before else None
    return RunsContext(
        rows=[_line(row, slug) for row in page.rows],
        pages=Pages(previous_url=path if before else None, next_url=older),
        actions=[_request(slug)] if loop.learns and not active else [],
        next_run=next_run_text(loop),
        live_url=path if active else "",
        empty_text=EMPTY if loop.learns else "There is nothing here that could learn from it.",
    )


def run_context(*, project_id: int, slug: str, number: int) -> RunContext:
    detail = run_detail(project_id, number)
    row = detail.row
    path = reverse("training:run", args=[slug, number])
    return RunContext(
        title=f"Run {number}",
        crumbs=[Link("Runs", reverse("training:runs", args=[slug]))],
        actions=[_cancel(slug, number)] if row.active and not detail.cancel_requested else [],
        badge=run_badge(row.state),
        live_url=path if row.active else "",
        progress=row.progress,
        message=row.message or row.step_label,
        error=detail.error,
        steps=[_step(step) for step in detail.steps],
        facts=list(_facts(detail, slug)),
        log_tail=detail.log_tail,
    )


def _line(row: RunRow, slug: str) -> RunLine:
    model = row.model_number
    return RunLine(
        name=f"Run {row.number}",
        url=reverse("training:run", args=[slug, row.number]),
        badge=run_badge(row.state),
        progress=row.progress if row.active else None,
        step=row.message if row.active else row.step_label,
        reasons="; ".join(row.reasons),
        started_at=row.started_at,
        duration=duration(row.seconds),
        model=Named(f"v{model}", reverse("training:model", args=[slug, model])) if model else None,
    )


def _step(step: StepFacts) -> StepLine:
    return StepLine(
        step.label, step_badge(step.state), duration(step.seconds), figures_text(step.figures)
    )


def _facts(detail: RunDetail, slug: str) -> list[Fact]:
    row, snapshot = detail.row, detail.snapshot
    facts = [
        Fact("Requested by", row.requested_by),
        Fact("Why", "; ".join(row.reasons)),
        Fact("Training policy", detail.policy_number),
        Fact("Attempt", f"{detail.attempt} of {detail.max_attempts}"),
    ]
    if snapshot:
        facts.append(Fact("Data set", snapshot.digest[:12]))
        facts += [
            Fact(name.replace("_", " ").capitalize(), figure_text(value))
            for name, value in snapshot.counts.items()
        ]
    if row.model_number:
        url = reverse("training:model", args=[slug, row.model_number])
        facts.append(Fact("Model", f"v{row.model_number}", url))
    return facts


def _request(slug: str) -> Confirm:
    return Confirm(
        id="request-run",
        opener="Train now",
        title="Train a model now?",
        text="A run learns from everything approved so far. The gate decides about its model.",
        action=reverse("training:request_run", args=[slug]),
        label="Train",
        ask_reason=True,
    )


def _cancel(slug: str, number: int) -> Confirm:
    return Confirm(
        id="cancel-run",
        opener="Cancel run",
        title=f"Cancel run {number}?",
        text="What it computed so far is dropped. Approved annotations are not touched.",
        action=reverse("training:cancel_run", args=[slug, number]),
        label="Cancel run",
        kind="danger",
    )
