"""Judging many: which labels a grid may be made of, what lies in it, and when it counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from random import Random
from typing import TypeVar

from reviewhub.statistics.intervals import Interval, wilson

Z = 1.959964
"""Of two-sided 95 %, as `wilson` has it."""

ODD_AMONG_GOLD = 2 / 3
"""Where nearly everything fits, people stop seeing what does not: gold is mostly odd."""

OUT_OF_REACH = 10_000
"""More answers than this are not asked for: the model is as good as the line, and no better."""

T = TypeVar("T")


class Why(StrEnum):
    """Why a label may not be judged by the grid, or that it may."""

    ALLOWED = "allowed"
    KIND = "kind"
    NOT_NAMED = "not_named"
    TOO_FEW = "too_few"
    NOT_PRECISE = "not_precise"


@dataclass(frozen=True)
class Evidence:
    """Of answers given blind where the model said a label: how many, and how many said it too."""

    kept: int
    answers: int

    @property
    def share(self) -> float:
        return self.kept / self.answers if self.answers else 0.0

    @property
    def interval(self) -> Interval:
        return wilson(self.kept, self.answers)


NOTHING_KNOWN = Evidence(0, 0)


@dataclass(frozen=True)
class Allowance:
    """Whether a label may be judged by the grid; `more` answers are needed if these are too few."""

    why: Why
    evidence: Evidence
    more: int = 0

    @property
    def allowed(self) -> bool:
        return self.why is Why.ALLOWED


def allowance(
    label: str, *, named: Collection[str], precision: float, evidence: Evidence
) -> Allowance:
    """A lead must have named the label, and the model be right about it surely enough.

    Surely: the lower end of the interval of its precision reaches what is asked. Too few answers
    and too many wrong ones are told apart, as only the former mend themselves.

    >>> allowance("good", named=["good"], precision=0.95, evidence=Evidence(40, 40)).more
    33
    """
    if label not in named:
        return Allowance(Why.NOT_NAMED, evidence)
    if evidence.interval.lower >= precision:
        return Allowance(Why.ALLOWED, evidence)
    more = more_needed(evidence, precision)
    if more is None:
        return Allowance(Why.NOT_PRECISE, evidence)
    return Allowance(Why.TOO_FEW, evidence, more)


def more_needed(evidence: Evidence, precision: float) -> int | None:
    """Answers that are missing if the share of those kept stays as it is; None if none would do.

    The lower end of Wilson's interval of a share s of n answers reaches p when
    n (s - p)² ≥ z² p (1 - p) and s > p. Of nothing yet the best is hoped.
    """
    share = evidence.share if evidence.answers else 1.0
    if share <= precision:
        return None
    needed = ceil(Z**2 * precision * (1 - precision) / (share - precision) ** 2)
    more = max(1, needed - evidence.answers)
    return more if more <= OUT_OF_REACH else None


@dataclass(frozen=True)
class Known:
    """An item whose answer is known; `seen` if this person has had it in a grid before."""

    item_id: int
    odd: bool
    seen: bool = False


def gold_wanted(cells: int, *, share: float) -> int:
    """Cells of a full grid whose answer is known: at least one, unless none are asked for."""
    return max(1, round(cells * share)) if share > 0 else 0


def gold_beside(entries: int, *, share: float) -> int:
    """The same of a grid that is not full, so that gold is not most of what there is to see."""
    return max(1, round(entries * share / (1 - share))) if share > 0 else 0


def chosen_gold(known: Sequence[Known], *, wanted: int, seed: int) -> list[Known]:
    """Which of the known items are mixed in: unseen ones first, and more odd ones than fitting.

    Where one sort has run out the other takes its place. No item comes twice.
    """
    dice = Random(seed)  # noqa: S311 (a mix, not a secret)
    sorts = {odd: _unseen_first(known, odd, dice) for odd in (True, False)}
    chosen = []
    for _ in range(min(wanted, len(known))):
        odd = dice.random() < ODD_AMONG_GOLD
        chosen.append((sorts[odd] or sorts[not odd]).pop())
    return chosen


def _unseen_first(known: Sequence[Known], odd: bool, dice: Random) -> list[Known]:
    """From the end: a random order, those that were seen behind all others."""
    some = [each for each in known if each.odd is odd]
    dice.shuffle(some)
    return sorted(some, key=lambda each: not each.seen)


def laid_out(cells: Sequence[T], *, seed: int) -> list[T]:
    """The cells in the order of the screen: nobody can tell gold by its place."""
    placed = list(cells)
    Random(seed).shuffle(placed)  # noqa: S311 (a mix, not a secret)
    return placed


def seconds_left(on_screen: float, *, least: float) -> int:
    """Whole seconds for which a grid must still be looked at; 0 when it has been."""
    return max(0, ceil(least - on_screen))
