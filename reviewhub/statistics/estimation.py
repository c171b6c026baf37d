"""Ratios estimated from Poisson samples: accuracy, miss rate, F1 of traffic that nobody saw whole.

Every item i was drawn independently with its own probability pi_i > 0, logged before any label
was known. Weights 1/pi_i undo what the draw preferred; a plain mean of the drawn would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from reviewhub.statistics.intervals import Interval

ENOUGH_HITS = 10
ENOUGH_CASES = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Total:
    """A Horvitz-Thompson total and the unbiased estimate of its variance."""

    value: float
    variance: float


@dataclass(frozen=True)
class Ratio:
    """An estimate of sum(a) / sum(b); `value` is None where no case with b > 0 was drawn.

    `hits` and `cases` count the drawn items with a and b above 0. `enough` says whether they carry
    an estimate: else only the upper bound is worth printing.
    """

    value: float | None
    variance: float
    interval: Interval
    hits: int
    cases: int

    @property
    def enough(self) -> bool:
        return self.hits >= ENOUGH_HITS or self.cases >= ENOUGH_CASES


def total(values: ArrayLike, probabilities: ArrayLike) -> Total:
    """T = sum y_i / pi_i over the drawn items, V = sum (1 - pi_i) / pi_i^2 y_i^2.

    Both are unbiased for any pi > 0: over all samples the mean of T is the total of the whole
    population, the mean of V the variance of T.

    >>> total([1, 0, 1], [0.5, 0.5, 0.1])
    Total(value=12.0, variance=92.0)
    """
    y, pi = _checked(values, probabilities)
    return Total(float(np.sum(y / pi)), float(np.sum((1 - pi) / pi**2 * y**2)))


def ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    probabilities: ArrayLike,
    *,
    of: Literal["population", "process"] = "population",
    confidence: float = 0.95,
) -> Ratio:
    """R = T_a / T_b with the Korn-Graubard interval, from the drawn and answered items alone.

    accuracy: a = 1{y = ŷ}, b = 1; miss rate: a = 1{y = 1, ŷ = 0}, b = 1{y = 1};
    F1: a = 2 TP, b = 2 TP + FP + FN. Wants 0 <= a <= b.

    The linearised variance is V = sum (1 - pi) / pi^2 e^2 / T_b^2 with e = a - R b, for the items
    there were; of the process that makes such items, the factor (1 - pi) is dropped.
    """
    a, pi = _checked(numerator, probabilities)
    b, _ = _checked(denominator, probabilities)
    if np.any(a < 0) or np.any(a > b):
        raise ValueError("Wants 0 <= numerator <= denominator for every item.")
    hits, cases = int(np.sum(a > 0)), int(np.sum(b > 0))
    if cases == 0:
        return Ratio(None, 0.0, Interval(0.0, 1.0), hits, cases)
    whole = float(np.sum(b / pi))
    value = 1.0 if np.array_equal(a, b) else float(np.sum(a / pi)) / whole
    unseen = 1 - pi if of == "population" else np.ones_like(pi)
    variance = float(np.sum(unseen / pi**2 * (a - value * b) ** 2)) / whole**2
    interval = korn_graubard(value, variance, cases=kish(b / pi), confidence=confidence)
    return Ratio(value, variance, interval, hits, cases)


def korn_graubard(
    value: float, variance: float, *, cases: float, confidence: float = 0.95
) -> Interval:
    """Clopper-Pearson with n = R (1 - R) / V and k = R n: it holds for rare events.

    Where every case drawn says the same (R is 0 or 1), V is 0 and would promise certainty: there
    the bound is that of `cases` equal weights, [0, 1 - (alpha / 2)^(1 / cases)].

    >>> [round(bound, 6) for bound in korn_graubard(0.03, 0.03 * 0.97 / 100, cases=100)]
    [0.00623, 0.085176]
    """
    tail = (1 - confidence) / 2
    if value <= 0:
        return Interval(0.0, 1 - tail ** (1 / cases))
    if value >= 1:
        return Interval(tail ** (1 / cases), 1.0)
    if variance <= 0:
        return Interval(value, value)
    size = value * (1 - value) / variance
    hits = value * size
    lower = stats.beta.ppf(tail, hits, size - hits + 1)
    upper = stats.beta.ppf(1 - tail, hits + 1, size - hits)
    return Interval(float(lower), float(upper))


def kish(weights: ArrayLike) -> float:
    """How many equal weights carry as much: (sum w)^2 / sum w^2; 0 without any.

    >>> kish([1, 1, 1, 1]), kish([3, 1])
    (4.0, 1.6)
    """
    w = np.asarray(weights, np.float64)
    squares = float(np.sum(w**2))
    return float(np.sum(w)) ** 2 / squares if squares else 0.0


def _checked(values: ArrayLike, probabilities: ArrayLike) -> tuple[Floats, Floats]:
    y, pi = np.asarray(values, np.float64), np.asarray(probabilities, np.float64)
    if y.shape != pi.shape or y.ndim != 1:
        raise ValueError("Wants one value and one probability per drawn item.")
    if not np.all((pi > 0) & (pi <= 1)):
        raise ValueError("A probability lies above 0 and up to 1: what is never drawn is unknown.")
    if not np.all(np.isfinite(y)):
        raise ValueError("Wants finite values.")
    return y, pi
