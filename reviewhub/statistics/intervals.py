"""Intervals for a share that hold for rare events too, where the usual Wald interval is wrong."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from scipy import stats


class Interval(NamedTuple):
    lower: float
    upper: float


def clopper_pearson(successes: int, trials: int, *, confidence: float = 0.95) -> Interval:
    """The exact two-sided interval of a binomial share: covers at least as often as it says.

    >>> round(clopper_pearson(0, 300).upper, 6)
    0.012221
    """
    _check(successes, trials, confidence)
    tail = (1 - confidence) / 2
    failures = trials - successes
    lower = stats.beta.ppf(tail, successes, failures + 1) if successes else 0.0
    upper = stats.beta.ppf(1 - tail, successes + 1, failures) if failures else 1.0
    return Interval(float(lower), float(upper))


def wilson(successes: int, trials: int, *, confidence: float = 0.95) -> Interval:
    """The score interval of a binomial share: covers as often as it says on average, and shorter.

    >>> round(wilson(3, 100).upper, 6)
    0.084519
    """
    _check(successes, trials, confidence)
    if trials == 0:
        return Interval(0.0, 1.0)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def _check(successes: int, trials: int, confidence: float) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes out of {trials} trials cannot be.")
    if not 0 < confidence < 1:
        raise ValueError(f"A confidence lies between 0 and 1, not at {confidence}.")
