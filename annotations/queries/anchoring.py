"""Whether people repeat a prediction more often when they see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from annotations.domain import counters
from annotations.models import Project
from reviewhub.common import tally
from reviewhub.statistics.intervals import Interval, wilson

DAYS = 28
ENOUGH = 30
"""Answers below which a share is not told: its interval would span half of everything."""


@dataclass(frozen=True)
class Agreement:
    """Of so many answers, how many say what the prediction said."""

    answers: int
    equal: int

    @property
    def missing(self) -> int:
        return max(0, ENOUGH - self.answers)

    @property
    def share(self) -> float:
        return self.equal / self.answers if self.answers else 0.0

    @property
    def interval(self) -> Interval:
        return wilson(self.equal, self.answers)


@dataclass(frozen=True)
class Anchoring:
    shown: Agreement
    blind: Agreement
    since: date


def anchoring(project: Project, *, today: date) -> Anchoring:
    """The last four weeks of the counters that each answer adds to; one query.

    Who sees what is drawn by a keyed hash of the item, so both groups are of the same kind; audits
    are in neither, as they are drawn from predictions that nobody would otherwise see.
    """
    since = today - timedelta(days=DAYS - 1)
    sums: Counter[str] = Counter()
    for (_, name), amount in _kept(project, since).items():
        sums[name] += amount
    return Anchoring(
        shown=Agreement(sums[counters.ANSWERS_SHOWN], sums[counters.AGREE_SHOWN]),
        blind=Agreement(sums[counters.ANSWERS_BLIND], sums[counters.AGREE_BLIND]),
        since=since,
    )


def _kept(project: Project, since: date) -> Mapping[tuple[date, str], int]:
    return tally.by_day(project.pk, counters.ANCHORING, since=since)
