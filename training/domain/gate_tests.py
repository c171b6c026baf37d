"""The single tests of the gate: each compares answers and says in one sentence what it found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from reviewhub.statistics.comparison import (
    Discordance,
    mcnemar,
    paired_bootstrap,
    tango_lower,
    tango_upper,
)
from reviewhub.statistics.intervals import clopper_pearson
from training.domain.cost import Costs, count


@dataclass(frozen=True)
class SetResult:
    """What was true of the items of one evaluation set, and what each model answered.

    All as label indices in the order of the taxonomy; `champion` is None for a first model.
    """

    name: Literal["source", "target"]
    truth: tuple[int, ...]
    challenger: tuple[int, ...]
    champion: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.truth), len(self.challenger)}
        lengths |= set() if self.champion is None else {len(self.champion)}
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

    def right(self, answers: tuple[int, ...]) -> NDArray[np.bool_]:
        return np.equal(answers, self.truth)

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


ITEMS_CALLED = {"source": "older", "target": "recent"}


def enough_items(result: SetResult, *, needed: int) -> GateTest:
    """Undecided, never failed: what is missing is labels, not quality."""
    enough = result.items >= needed
    called = ITEMS_CALLED[result.name]
    return GateTest(
        name=f"enough_{result.name}_items",
        figures={"n": result.items, "needed": needed},
        passed=True if enough else None,
        sentence=f"{result.items} {called} items are labelled for evaluation; {needed} are needed.",
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


def better(result: SetResult, *, alpha: float, rival: str) -> GateTest:
    """Superior: exact one-sided McNemar at `alpha`. Fails when not ahead at all."""
    pairs = result.pairs
    p = mcnemar(pairs, alternative="second better")
    return GateTest(
        name=f"{result.name}_better",
        figures=_accuracies(result) | {"won": pairs.c, "lost": pairs.b, "p": p, "alpha": alpha},
        passed=True if p <= alpha else False if pairs.c <= pairs.b else None,
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
        *(a - b for a, b in zip(ours, theirs, strict=True)), weights=weights, seed=seed
    )
    challenger = sum(w * float(c.mean()) for w, c in zip(weights, ours, strict=True))
    champion = sum(w * float(c.mean()) for w, c in zip(weights, theirs, strict=True))
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
    """A hard limit on the share of missed positives, over all items together."""
    counts = [count(r.truth, r.challenger, costs) for r in results]
    missed, positives = sum(c.missed for c in counts), sum(c.positives for c in counts)
    rate = missed / positives if positives else None
    interval = clopper_pearson(missed, positives)
    return GateTest(
        name="misses_within_limit",
        figures={
            "challenger": rate,
            "lower": interval.lower,
            "upper": interval.upper,
            "margin": limit,
            "n": positives,
        },
        passed=None if rate is None else rate <= limit,
        sentence=f"It misses {missed} of {positives} positives; {limit:.1%} are allowed.",
    )


def _accuracies(result: SetResult) -> dict[str, float | int | None]:
    return {
        "challenger": float(result.right(result.challenger).mean()),
        "champion": float(result.right(result.rival).mean()),
        "difference": result.pairs.difference,
        "n": result.items,
    }


def _compared(result: SetResult, rival: str) -> str:
    ours, theirs = result.right(result.challenger).mean(), result.right(result.rival).mean()
    return (
        f"On {result.items} {ITEMS_CALLED[result.name]} items the challenger is right in "
        f"{ours:.1%}, the {rival} in {theirs:.1%}."
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f}".removesuffix(".0")
