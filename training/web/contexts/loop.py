"""The eight stations of the loop with what is at each of them now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.timezone import localtime

from annotations.queries.overview import ReviewOverview
from training.queries.overview import LearningOverview


@dataclass(frozen=True)
class LoopStation:
    name: str
    url: str | None
    count: str
    note: str
    state: str = ""


def loop_stations(
    review: ReviewOverview, loop: LearningOverview, slug: str
) -> Iterator[LoopStation]:
    """In the order of the loop, clockwise from intake."""
    yield from _reviewing(review, slug)
    yield from _learning(loop, slug)


def _reviewing(review: ReviewOverview, slug: str) -> Iterator[LoopStation]:
    queue = reverse("annotations:queue", args=[slug])
    waiting = review.by_state["awaiting_review"]
    yield LoopStation(
        "Intake",
        reverse("annotations:items", args=[slug]),
        f"{review.predictions:,}",
        f"predictions; {review.imported:,} items imported",
        "" if review.items else "idle",
    )
    yield LoopStation(
        "Routed",
        queue,
        f"{review.queued:,}",
        f"queued, {review.accepted:,} accepted; {review.audited:,} drawn for audit",
    )
    yield LoopStation("In review", queue, f"{waiting:,}", f"waiting, {review.held:,} on a bench")
    disputes = review.by_state["awaiting_adjudication"]
    settled = review.by_state["awaiting_approval"] + review.approved
    yield LoopStation(
        "Settled",
        f"{queue}?state=approved",
        f"{settled:,}",
        f"{review.approved:,} approved, {disputes:,} disputed",
        "waiting" if disputes else "",
    )


def _learning(loop: LearningOverview, slug: str) -> Iterator[LoopStation]:
    runs, models = reverse("training:runs", args=[slug]), reverse("training:models", args=[slug])
    yield LoopStation("Run", runs, f"{sum(loop.runs.values()):,}", *_run_state(loop))
    judged = [row for row in loop.waiting if row.verdict]
    yield LoopStation(
        "Gate",
        models,
        f"{sum(loop.models.values()):,}",
        f"v{judged[0].number} waits for a decision" if judged else "models judged",
        "waiting" if judged else "" if loop.models else "idle",
    )
    yield LoopStation(
        "Promoted",
        models,
        f"{loop.promotions:,}",
        "change of champion" if loop.promotions == 1 else "changes of champion",
        "" if loop.promotions else "idle",
    )
    yield _live(loop, slug)


def _run_state(loop: LearningOverview) -> tuple[str, str]:
    """What the latest run does, and how its station is drawn."""
    if loop.active_run:
        return f"{loop.active_run.step_label}, {loop.active_run.progress:.0%}", ""
    if loop.last_run is None:
        return next_run_text(loop), "idle"
    failed = loop.last_run.state == "failed"
    return f"last one {loop.last_run.state_label.lower()}", "broken" if failed else ""


def _live(loop: LearningOverview, slug: str) -> LoopStation:
    if loop.champion is None:
        return LoopStation("Live", None, "none", "no champion yet", "idle")
    url = reverse("training:model", args=[slug, loop.champion.number])
    since = loop.last_promotion_at
    return LoopStation(
        "Live",
        url,
        f"v{loop.champion.number}",
        f"since {localtime(since):%d %b %H:%M}" if since else "",
    )


def next_run_text(loop: LearningOverview) -> str:
    """When the next run starts by itself, in words."""
    if not loop.learns:
        return (
            "Nothing learns this kind of work yet. What is approved is kept until something does."
        )
    if not loop.automatic or loop.approvals_needed is None:
        return "Runs start only when somebody asks for one."
    counted = f"{loop.approved:,} of {loop.approvals_needed:,}"
    return f"A run starts by itself at {loop.approvals_needed:,} new approvals: {counted} so far."
