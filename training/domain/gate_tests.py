"""The single tests of the gate: each compares answers and says in one sentence what it found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from reviewhub.statistics.comparison import (
    Discordance,
    paired_bootstrap,
    tango_lower,
    tango_upper,
    weighted_sign_test,
)
from reviewhub.statistics.intervals import clopper_pearson
from training.domain.cost import Costs, count

ITEMS_CALLED = {"source": "older items", "target": "audited items of recent traffic"}
BOTH_BOUNDS = 0.9
"""Two-sided confidence whose bounds each hold at 95 %, as those of every other test do."""


@dataclass(frozen=True)
class SetResult:
    """What was true of the items of one evaluation set, and what each model answered.

    All as label indices in the order of the taxonomy; `champion` is None for a first model.
    `odds` are the chances by which audits drew the items, each then weighed by one over its own;
    without them all weigh the same. `left_out` counts items that were judged, but not drawn,
    `learned` those that a model has learned under another name.
    """

    name: Literal["source", "target"]
    truth: tuple[int, ...]
    challenger: tuple[int, ...]
    champion: tuple[int, ...] | None = None
    odds: tuple[float, ...] = ()
    left_out: int = 0
    learned: int = 0

    def __post_init__(self) -> None:
        lengths = {len(self.truth), len(self.challenger)}
        lengths |= {len(each) for each in (self.champion, self.odds or None) if each is not None}
        if len(lengths) != 1:
            raise ValueError(f"The answers on {self.name} must be as many as its items.")

    @property
    def items(self) -> int:
        return len(self.truth)

    @property
    def rival(self) -> tuple[int, ...]:
        """The champion's answers, or for a first model the most frequent truth, always."""
        if self.champion is not None:
            return self.champion
        return (int(np.bincount(self.truth).argmax()),) * self.items

    @property
    def weights(self) -> NDArray[np.float64]:
        return 1 / np.asarray(self.odds) if self.weighed else np.ones(self.items)

    @property
    def weighed(self) -> bool:
        """Whether the odds differ, so that a plain count would lean towards what was likely."""
        return len(set(self.odds)) > 1

    @property
    def called(self) -> str:
        """What the items are, after their number."""
        if self.champion is None:
            return "held-out items"
        return ITEMS_CALLED[self.name]

    def mean(self, values: ArrayLike) -> float:
        """Of one value for each item: the mean over the traffic that the items stand for."""
        return float(np.average(np.asarray(values, np.float64), weights=self.weights))

    def right(self, answers: tuple[int, ...]) -> NDArray[np.bool_]:
        return np.equal(answers, self.truth)

    @property
    def wins(self) -> NDArray[np.int_]:
        """1 where the challenger alone was right, -1 where its rival alone was, else 0."""
        return self.right(self.challenger).astype(int) - self.right(self.rival)

    @property
    def pairs(self) -> Discordance:
        return Discordance.of(self.right(self.rival), self.right(self.challenger))


@dataclass(frozen=True)
class GateTest:
    """One test: `passed` is None while the items are too few to tell."""

    name: str
    figures: dict[str, float | int | None]
    passed: bool | None
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def enough_items(result: SetResult, *, needed: int) -> GateTest:
    """Undecided, never failed: what is missing is labels, not quality."""
    enough = result.items >= needed
    not_drawn = (
        f" Left out: {result.left_out} judged without being drawn for audit, as what is picked for "
        "other reasons does not stand for all traffic."
    )
    told_before = (
        f" Not asked: {result.learned} whose picture, or nearly the same, one of the models has "
        "learned under another name."
    )
    return GateTest(
        name=f"enough_{result.name}_items",
        figures={
            "n": result.items,
            "needed": needed,
            "left_out": result.left_out,
            "learned": result.learned,
        },
        passed=True if enough else None,
        sentence=(
            f"{result.items} {result.called} are labelled for evaluation; {needed} are needed."
            f"{not_drawn if result.left_out else ''}{told_before if result.learned else ''}"
        ),
    )


def not_worse(result: SetResult, *, margin: float, rival: str) -> GateTest:
    """Non-inferior: the lower 95 % bound of the difference in accuracy lies above -margin.

    Fails when worse beyond chance or by more than the margin; between, there are too few items.
    """
    pairs = result.pairs
    lower, upper = tango_lower(pairs), tango_upper(pairs)
    failed = upper < 0 or pairs.difference <= -margin
    return GateTest(
        name=f"{result.name}_not_worse",
        figures=_accuracies(result) | {"lower": lower, "upper": upper, "margin": margin},
        passed=True if lower > -margin else False if failed else None,
        sentence=(
            f"{_compared(result, rival)} With 95 % confidence it loses at most "
            f"{_points(max(0.0, -lower))} points there; {_points(margin)} are allowed."
        ),
    )


def better(result: SetResult, *, alpha: float, rival: str, seed: int) -> GateTest:
    """Superior at `alpha`, one-sided: McNemar's exact test, or by weight where the odds differ.

    Fails when not ahead at all.
    """
    pairs, figures = result.pairs, _accuracies(result)
    ahead = result.mean(result.wins)
    p = weighted_sign_test(result.wins, result.weights, seed=seed)
    return GateTest(
        name=f"{result.name}_better",
        figures=figures | {"won": pairs.c, "lost": pairs.b, "p": p, "alpha": alpha},
        passed=True if p <= alpha else False if ahead <= 0 else None,
        sentence=(
            f"{_compared(result, rival)} It alone was right on {pairs.c} of them, the {rival} "
            f"alone on {pairs.b}; chance would do that with probability {p:.2g} "
            f"(at most {alpha:g} is asked)."
        ),
    )


def not_dearer(
    results: tuple[SetResult, ...],
    *,
    costs: Costs,
    weights: tuple[float, ...],
    margin: float,
    rival: str,
    seed: int,
) -> GateTest:
    """The upper 95 % bound of the cost added per item is at most `margin`; sets by weight."""
    ours = [costs.of(r.truth, r.challenger) for r in results]
    theirs = [costs.of(r.truth, r.rival) for r in results]
    added = paired_bootstrap(
        *(a - b for a, b in zip(ours, theirs, strict=True)),
        weights=weights,
        item_weights=[r.weights for r in results],
        seed=seed,
    )
    challenger = sum(w * r.mean(c) for w, r, c in zip(weights, results, ours, strict=True))
    champion = sum(w * r.mean(c) for w, r, c in zip(weights, results, theirs, strict=True))
    return GateTest(
        name="cost_not_higher",
        figures={
            "challenger": challenger,
            "champion": champion,
            "difference": added.mean,
            "lower": added.lower,
            "upper": added.upper,
            "margin": margin,
            "n": sum(r.items for r in results),
        },
        passed=True if added.upper <= margin else False if added.mean > margin else None,
        sentence=(
            f"Its mistakes cost {challenger:.3f} per item, those of the {rival} {champion:.3f}; "
            f"with 95 % confidence it adds at most {added.upper:+.3f} ({margin:+.3f} is allowed)."
        ),
    )


def misses_within_limit(results: tuple[SetResult, ...], *, costs: Costs, limit: float) -> GateTest:
    """A hard limit on the share of missed positives, over all items together, each counted once.

    Passes when the upper 95 % bound (Clopper-Pearson) keeps it, fails when the share itself
    breaks it. Between, there are too few positives: of one that was found nothing follows.
    """
    counts = [count(r.truth, r.challenger, costs) for r in results]
    missed, positives = sum(c.missed for c in counts), sum(c.positives for c in counts)
    rate = missed / positives if positives else None
    interval = clopper_pearson(missed, positives, confidence=BOTH_BOUNDS)
    failed = rate is not None and rate > limit
    return GateTest(
        name="misses_within_limit",
        figures={
            "challenger": rate,
            "lower": interval.lower,
            "upper": interval.upper,
            "margin": limit,
            "n": positives,
        },
        passed=True if interval.upper <= limit else False if failed else None,
        sentence=(
            f"It misses {missed} of {positives} positives, with 95 % confidence at most "
            f"{interval.upper:.1%} of all; {limit:.1%} are allowed."
        ),
    )


def _accuracies(result: SetResult) -> dict[str, float | int | None]:
    return {
        "challenger": result.mean(result.right(result.challenger)),
        "champion": result.mean(result.right(result.rival)),
        "difference": result.mean(result.wins),
        "n": result.items,
    }


def _compared(result: SetResult, rival: str) -> str:
    ours, theirs = (result.right(each) for each in (result.challenger, result.rival))
    weighed = ", each weighed by its odds of being drawn," if result.weighed else ""
    return (
        f"On {result.items} {result.called}{weighed} the challenger is right in "
        f"{result.mean(ours):.1%}, the {rival} in {result.mean(theirs):.1%}."
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")
