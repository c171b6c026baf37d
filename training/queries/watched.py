"""What the workers that look at items later have done, and what they are behind with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from annotations.queries.routed import Watch, waiting_after, watched, watched_projects
from reviewhub.common import tally
from training.models import LearningSelection, NoveltyCursor

COUNTED_AT_MOST = 10_000
"""A page tells "10,000 or more" in the time that it takes to count them."""


@dataclass(frozen=True)
class NoveltyFacts:
    """The search for novel items in a project; the counts are those of today at its site."""

    slug: str
    waits_for: str
    compares_with: str
    waiting: int
    seconds_behind: float
    handled: int
    scored: int
    found: int
    queued: int

    @property
    def share(self) -> float | None:
        """Of the predictions handled today, those whose item was looked at."""
        return self.scored / self.handled if self.handled else None


@dataclass(frozen=True)
class SelectionFacts:
    """The last finished selection for learning."""

    candidates: int
    chosen: int


def novelty_of(project_id: int, *, now: datetime) -> NoveltyFacts | None:
    """None when the policy in force does not ask for novelty; the same queries at any size."""
    watch = watched(project_id)
    if watch is None or watch.novelty_p_value is None:
        return None
    return _facts(watch, NoveltyCursor.objects.filter(project_id=project_id).first(), now)


def novelty_everywhere(*, now: datetime) -> Iterator[NoveltyFacts]:
    """The same of every project that asks for it."""
    cursors = {cursor.project_id: cursor for cursor in NoveltyCursor.objects.all()}
    for watch in watched_projects():
        if watch.novelty_p_value is not None:
            yield _facts(watch, cursors.get(watch.project_id), now)


def selection_of(project_id: int) -> SelectionFacts | None:
    """One query."""
    done = LearningSelection.objects.filter(project_id=project_id, finished_at__isnull=False)
    last = done.order_by("-day").first()
    return SelectionFacts(last.candidates or 0, len(last.chosen or [])) if last else None


def asking_for_novelty() -> list[int]:
    """Projects in which something waits to be looked at, or to be looked at again."""
    cursors = {cursor.project_id: cursor for cursor in NoveltyCursor.objects.all()}
    return [
        watch.project_id
        for watch in watched_projects()
        if watch.novelty_p_value is not None and _has_work(watch, cursors.get(watch.project_id))
    ]


def asking_for_learning(*, now: datetime) -> list[int]:
    """Projects whose selection of today is not done."""
    asking = [watch for watch in watched_projects() if watch.learning_budget is not None]
    days = {one.project_id: tally.day_of(now, one.site_time_zone) for one in asking}
    rows = LearningSelection.objects.filter(
        finished_at__isnull=False, project_id__in=days, day__in=set(days.values())
    )
    done = set(rows.values_list("project_id", "day"))
    return [project_id for project_id, day in days.items() if (project_id, day) not in done]


def _has_work(watch: Watch, cursor: NoveltyCursor | None) -> bool:
    if cursor is None or cursor.settled_id < cursor.seen_id:
        return True
    return waiting_after(watch.project_id, cursor.seen_id, at_most=1).number > 0


def _facts(watch: Watch, cursor: NoveltyCursor | None, now: datetime) -> NoveltyFacts:
    day = tally.day_of(now, watch.site_time_zone)
    today = tally.totals(watch.project_id, prefix="novelty:", day=day)
    queued = tally.totals(watch.project_id, prefix="reason:novelty", day=day)
    seen = cursor.seen_id if cursor else 0
    waiting = waiting_after(watch.project_id, seen, at_most=COUNTED_AT_MOST)
    behind = (now - waiting.oldest).total_seconds() if cursor and waiting.oldest else 0.0
    return NoveltyFacts(
        slug=watch.slug,
        waits_for=cursor.waits_for if cursor else "It begins with the next prediction.",
        compares_with=cursor.compares_with if cursor else "",
        waiting=waiting.number if cursor else 0,
        seconds_behind=max(0.0, behind),
        handled=today.get("novelty:handled", 0),
        scored=today.get("novelty:scored", 0),
        found=today.get("novelty:found", 0),
        queued=queued.get("reason:novelty", 0),
    )
