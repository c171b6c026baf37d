"""The loop as one picture: the review half from `annotations`, the learning half from here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.urls import reverse

from annotations.queries.overview import ReviewOverview, review_overview
from reviewhub.common.pages import many
from training.queries.overview import LearningOverview, overview_of
from training.queries.watched import COUNTED_AT_MOST, NoveltyFacts, novelty_of, selection_of
from training.web.contexts.loop import LoopStation, loop_stations
from training.web.words import duration


class ProjectFacts(Protocol):
    pk: int
    slug: str
    name: str
    note: str


@dataclass(frozen=True)
class Balance:
    ok: bool
    text: str


@dataclass(frozen=True)
class Need:
    text: str
    url: str
    action: str
    tone: str


@dataclass(frozen=True)
class Stat:
    label: str
    value: str
    note: str


@dataclass(frozen=True)
class OverviewContext:
    title: str
    lede: str
    live_url: str
    stations: Sequence[LoopStation]
    balance: Balance
    needs: Sequence[Need]
    stats: Sequence[Stat]


def overview_context(project: ProjectFacts, *, now: datetime) -> OverviewContext:
    review, loop = review_overview(project.pk), overview_of(project.pk)
    return OverviewContext(
        title=project.name,
        lede=project.note or "Every prediction, what people made of it, and what was learned.",
        live_url=reverse("training:overview", args=[project.slug]),
        stations=list(loop_stations(review, loop, project.slug)),
        balance=_balance(review),
        needs=list(_needs(review, loop, project.slug, now)),
        stats=[*_stats(review), *_findings(project.pk, now)],
    )


def _balance(review: ReviewOverview) -> Balance:
    states = sum(review.by_state.values())
    return Balance(
        review.balanced,
        f"{review.predictions:,} predictions = {review.accepted:,} accepted + {review.queued:,} "
        f"queued; {review.entered:,} items entered the queue = {states:,} in one state each.",
    )


def _needs(
    review: ReviewOverview, loop: LearningOverview, slug: str, now: datetime
) -> Iterator[Need]:
    queue = reverse("annotations:queue", args=[slug])
    if disputes := review.by_state["awaiting_adjudication"]:
        text = f"{many(disputes, 'dispute')}{_oldest(review.disputes_since, now)}"
        yield Need(text, reverse("annotations:adjudicate", args=[slug]), "Adjudicate", "caution")
    if settled := review.by_state["awaiting_approval"]:
        text = f"{many(settled, 'answer')} to approve{_oldest(review.approvals_since, now)}"
        yield Need(text, f"{queue}?state=awaiting_approval", "Look and approve", "active")
    for row in loop.waiting:
        if row.verdict_label:
            url = reverse("training:model", args=[slug, row.number])
            said = row.verdict_label.lower()
            yield Need(f"Gate verdict for v{row.number}: {said}", url, "Decide", "caution")
    if loop.last_run and loop.last_run.state == "failed":
        number = loop.last_run.number
        url = reverse("training:run", args=[slug, number])
        yield Need(f"Run {number} failed", url, "See why", "negative")


def _oldest(since: datetime | None, now: datetime) -> str:
    return f", oldest {duration((now - since).total_seconds())}" if since else ""


def _stats(review: ReviewOverview) -> Iterator[Stat]:
    yield Stat("Answers", f"{review.reviews:,}", f"{review.corrections:,} corrected the model")
    share = review.corrections / review.reviews if review.reviews else 0
    yield Stat(
        "Corrected among reviewed",
        f"{share:.0%}" if review.reviews else "–",
        "of what was queued; says nothing of what was accepted",
    )
    each = review.review_seconds / review.reviews if review.reviews else None
    yield Stat("Work", duration(review.review_seconds), f"{duration(each) or '–'} an answer")
    yield Stat("Audits drawn", f"{review.audited:,}", "shown blind, probability on record")


def _findings(project_id: int, now: datetime) -> Iterator[Stat]:
    """What workers looked at after routing, and what they are behind with."""
    novelty, selection = novelty_of(project_id, now=now), selection_of(project_id)
    if novelty is not None:
        yield Stat("Looked at for novelty today", _share(novelty), _novelty_note(novelty))
    if selection is not None:
        note = f"of {many(selection.candidates, 'doubtful item')} of the day before"
        yield Stat("Picked to learn from", f"{selection.chosen:,}", note)


def _share(novelty: NoveltyFacts) -> str:
    return "–" if novelty.share is None else f"{novelty.share:.0%}"


def _novelty_note(novelty: NoveltyFacts) -> str:
    if novelty.waiting:
        more = " or more" if novelty.waiting >= COUNTED_AT_MOST else ""
        lag = f"{novelty.waiting:,}{more} waiting, {duration(novelty.seconds_behind)} behind"
    else:
        lag = "nothing waiting"
    if novelty.waits_for:
        return f"{lag}. {novelty.waits_for}"
    return f"{lag}; {novelty.found:,} novel, {novelty.queued:,} queued. {novelty.compares_with}."
