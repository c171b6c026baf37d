"""Comparing two models on the same items; only the items they disagree on tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats


@dataclass(frozen=True)
class Discordance:
    """How often the first model alone was right (b), the second alone (c), out of n items."""

    b: int
    c: int
    n: int

    def __post_init__(self) -> None:
        if min(self.b, self.c) < 0 or self.b + self.c > self.n:
            raise ValueError(f"b={self.b} and c={self.c} do not fit into n={self.n} items.")

    @classmethod
    def of(cls, first_right: ArrayLike, second_right: ArrayLike) -> Self:
        first, second = np.asarray(first_right, bool), np.asarray(second_right, bool)
        if first.shape != second.shape:
            raise ValueError("Paired answers must be equally many.")
        b, c = int(np.sum(first & ~second)), int(np.sum(~first & second))
        return cls(b=b, c=c, n=int(first.size))

    @property
    def difference(self) -> float:
        """Accuracy of the second model minus that of the first; 0 without items."""
        return (self.c - self.b) / self.n if self.n else 0.0


def mcnemar(
    pairs: Discordance, *, alternative: Literal["two-sided", "second better"] = "two-sided"
) -> float:
    """Exact p-value of McNemar's test: under no difference, b is binomial(b + c, 1/2).

    >>> round(mcnemar(Discordance(b=10, c=2, n=12)), 5)
    0.03857
    """
    if pairs.b + pairs.c == 0:
        return 1.0
    tail: Literal["two-sided", "less"] = "two-sided" if alternative == "two-sided" else "less"
    return float(stats.binomtest(pairs.b, pairs.b + pairs.c, 0.5, alternative=tail).pvalue)


def wald_lower(pairs: Discordance, *, confidence: float = 0.95) -> float:
    """One-sided lower bound of the difference for large n; without disagreement it is too sure.

    d - z sqrt(b + c - (b - c)^2 / n) / n

    >>> round(wald_lower(Discordance(b=15, c=10, n=1000)), 5)
    -0.01322
    """
    _refuse_none(pairs)
    z = float(stats.norm.ppf(confidence))
    variance = pairs.b + pairs.c - (pairs.b - pairs.c) ** 2 / pairs.n
    return pairs.difference - z * sqrt(variance) / pairs.n


def tango_lower(pairs: Discordance, *, confidence: float = 0.95) -> float:
    """One-sided lower bound of the difference by Tango's score test; sound for small n too.

    Tango, Statistics in Medicine 17 (1998) 891-908: the difference d at which
    (c - b - n d) / sqrt(n (2 q + d (1 - d))) equals z, with q the likeliest share of the
    first model's lone successes if d were the truth. With b = c = 0 it is -z^2 / (n + z^2).

    >>> round(tango_lower(Discordance(b=0, c=0, n=100)), 4)
    -0.0263
    """
    _refuse_none(pairs)
    z = float(stats.norm.ppf(confidence))
    below_all = -1 + 1e-12
    if _score(pairs, below_all) <= z:
        return -1.0
    root = optimize.brentq(
        lambda d: _score(pairs, d) - z, below_all, pairs.difference + 1e-12, xtol=1e-10
    )
    return float(root)


def tango_upper(pairs: Discordance, *, confidence: float = 0.95) -> float:
    """The matching upper bound: the lower one with the models exchanged, mirrored."""
    return -tango_lower(Discordance(b=pairs.c, c=pairs.b, n=pairs.n), confidence=confidence)


def weighted_sign_test(
    differences: ArrayLike, weights: ArrayLike, *, seed: int, resamples: int = 20_000
) -> float:
    """One-sided p-value that the weighted mean of paired differences is above 0 by chance.

    The differences (+1 the second alone was right, -1 the first alone, else 0) keep their size
    w |d| and change sign at random; p is how often their sum is at least the one seen. With equal
    weights it is the exact McNemar test, which then is taken instead. That the mean be 0 suffices
    as null hypothesis, not symmetry, once there are many: Romano, JASA 85 (1990) 686-692.

    While there are few, the heavy items that chance has not brought yet are missed: a rare loss
    of great weight goes unseen. So one more loss is counted, as large as the weights differ. That
    guard is our own, none with equal weights; that it keeps the level is simulated, not proved.
    """
    d, w = np.asarray(differences, np.float64), np.asarray(weights, np.float64)
    if d.shape != w.shape or d.ndim != 1:
        raise ValueError("Every difference needs its weight.")
    if not np.all(np.isfinite(w)) or np.any(w <= 0):
        raise ValueError("Weights are finite and above 0.")
    if w.size == 0 or np.allclose(w, w[0]):
        b, c = int(np.sum(d < 0)), int(np.sum(d > 0))
        return mcnemar(Discordance(b=b, c=c, n=d.size), alternative="second better")
    guard = w.max() - w.min()
    seen, random = float(np.sum(w * d)) - guard, np.random.default_rng(seed)
    sums = np.zeros(resamples)
    for size in (*np.abs(w * d)[d != 0], guard):
        sums += size * random.choice([-1, 1], resamples)
    as_large = int(np.sum(sums >= seen - 1e-9 * w.sum()))
    return (1 + as_large) / (1 + resamples)


@dataclass(frozen=True)
class MeanDifference:
    """A mean with one-sided bounds, each at the stated confidence by itself."""

    mean: float
    lower: float
    upper: float


def paired_bootstrap(
    *differences: ArrayLike,
    weights: tuple[float, ...] | None = None,
    item_weights: Sequence[ArrayLike] | None = None,
    seed: int,
    confidence: float = 0.95,
    resamples: int = 4000,
) -> MeanDifference:
    """Mean of paired differences, and its percentile bounds, drawn anew within each set.

    Several sets are averaged with `weights` (equal ones by default) that should add up to 1.
    Within each set the mean is that of Hájek, sum(w d) / sum(w), by `item_weights`.
    """
    sets = [np.asarray(values, dtype=np.float64) for values in differences]
    if not sets or any(values.size == 0 for values in sets):
        raise ValueError("A bootstrap needs at least one difference in each set.")
    shares = weights or tuple(1 / len(sets) for _ in sets)
    given = item_weights or [np.ones(values.size) for values in sets]
    inner = [np.asarray(each, dtype=np.float64) for each in given]
    random = np.random.default_rng(seed)
    means = sum(
        share * _resampled_means(values, each, random, resamples)
        for share, values, each in zip(shares, sets, inner, strict=True)
    )
    lower, upper = np.quantile(means, [1 - confidence, confidence])
    mean = sum(
        share * np.average(values, weights=each)
        for share, values, each in zip(shares, sets, inner, strict=True)
    )
    return MeanDifference(float(mean), float(lower), float(upper))


def _resampled_means(
    values: NDArray[np.float64],
    weights: NDArray[np.float64],
    random: np.random.Generator,
    resamples: int,
) -> NDArray[np.float64]:
    """Costs take few values, so counting them by a multinomial equals drawing item by item."""
    distinct, counts = np.unique(np.stack([values, weights]), axis=1, return_counts=True)
    drawn = random.multinomial(values.size, counts / values.size, size=resamples)
    value, weight = distinct
    return np.asarray(drawn @ (value * weight) / (drawn @ weight), dtype=np.float64)


def _score(pairs: Discordance, d: float) -> float:
    """Tango's z at the difference d; falls as d rises."""
    n, b, c = pairs.n, pairs.b, pairs.c
    linear = -b - c + (2 * n - c + b) * d
    q = (sqrt(max(0.0, linear**2 + 8 * n * b * d * (1 - d))) - linear) / (4 * n)
    spread = n * (2 * q + d * (1 - d))
    surplus = c - b - n * d
    if spread <= 0:
        return float("inf") if surplus > 0 else 0.0
    return surplus / sqrt(spread)


def _refuse_none(pairs: Discordance) -> None:
    if pairs.n == 0:
        raise ValueError("Without items nothing can be compared.")
