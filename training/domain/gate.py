"""Whether a challenger may replace the champion: pure, from the answers both gave.

1. Enough labelled items in each set, else nothing is decided.
2. On older traffic ("source") not worse than the margin allows: Tango's bound.
3. On recent traffic ("target") better: exact one-sided McNemar, or by weight where the odds of the
   audit draw differ. Only audited items count there: the queue holds more of what the champion
   doubts, and on that alone an equally good model would look better.
4. Its mistakes not dearer, each at its label's cost: paired bootstrap, by the same weights.
5. Within the hard limits that the project declares, beyond doubt: Clopper-Pearson.

Older items were chosen before there was this champion, by the doubts of others or by import. They
favour neither of the two, but may be harder than traffic is: their shares compare, and estimate
nothing.

A test passes, fails, or stays undecided because the items are too few to tell. One failure
refuses; otherwise one undecided test asks for more evidence; all passed promotes. As all must
pass, none needs correcting for their number. Where there is no champion yet, the rival is the
constant that always gives the most frequent answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import chain
from typing import Any, Literal, Self

from reviewhub.common.errors import InvalidInput
from training.domain.cost import Costs
from training.domain.gate_tests import (
    GateTest,
    SetResult,
    better,
    enough_items,
    misses_within_limit,
    not_dearer,
    not_worse,
)

Outcome = Literal["promote", "refuse", "not_enough_evidence"]


@dataclass(frozen=True)
class GateMargins:
    """What a project asks of a challenger; shares lie between 0 and 1, costs are per item."""

    overall: float = 0.02
    """Accuracy on older traffic that may be lost."""
    alpha: float = 0.05
    """Probability of calling a challenger better on recent traffic that is not, at most:
    exactly so where all audits had the same odds, else as simulated (`weighted_sign_test`)."""
    cost: float = 0.0
    """Cost that may be added per item."""
    target_share: float = 0.5
    """Share of the traffic to come that is expected to look like the recent one."""
    max_miss_rate: float | None = None
    """Hard limit on the share of missed positives, if there is one."""
    min_source: int = 100
    min_target: int = 20

    def __post_init__(self) -> None:
        told = {field.name: _fault(field.name, getattr(self, field.name)) for field in fields(self)}
        wrong = [{"field": name, "message": fault} for name, fault in told.items() if fault]
        if wrong:
            raise InvalidInput("These gate margins cannot be used.", errors=wrong)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Margins from a policy's document; what it leaves out keeps its default."""
        known = {field.name for field in fields(cls)}
        unknown = [{"field": n, "message": "is no margin"} for n in sorted(document.keys() - known)]
        if unknown:
            raise InvalidInput("These gate margins cannot be used.", errors=unknown)
        return cls(**document)


def _fault(name: str, value: Any) -> str:
    if name == "max_miss_rate" and value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "must be a number"
    if name.startswith("min_"):
        return "" if isinstance(value, int) and value >= 1 else "must be a whole number from 1 on"
    if name == "cost":
        return "" if 0 <= value < float("inf") else "must not be negative"
    return "" if 0 <= value <= 1 else "must lie between 0 and 1"


@dataclass(frozen=True)
class Verdict:
    """The decision, the tests it rests on, and its reasons in plain words."""

    verdict: Outcome
    tests: tuple[GateTest, ...]
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "tests": [test.as_json() for test in self.tests],
            "reasons": list(self.reasons),
        }


def decide(
    *,
    target: SetResult,
    source: SetResult | None,
    margins: GateMargins,
    costs: Costs,
    seed: int,
) -> Verdict:
    """Judge a challenger against the champion, or, where `champion` is None, against a constant.

    A first model is judged on all items together, as it has no older traffic of its own.
    """
    if target.champion is None:
        tests = _against_constant(_pooled(source, target), margins, costs, seed)
    else:
        tests = _against_champion(source or _NOTHING_OLDER, target, margins, costs, seed)
    return _verdict(tests)


def _against_champion(
    source: SetResult, target: SetResult, margins: GateMargins, costs: Costs, seed: int
) -> tuple[GateTest, ...]:
    enough = (
        enough_items(source, needed=margins.min_source),
        enough_items(target, needed=margins.min_target),
    )
    if not all(test.passed for test in enough):
        return enough
    return (
        *enough,
        not_worse(source, margin=margins.overall, rival="champion"),
        better(target, alpha=margins.alpha, rival="champion", seed=seed),
        not_dearer(
            (source, target),
            costs=costs,
            weights=(1 - margins.target_share, margins.target_share),
            margin=margins.cost,
            rival="champion",
            seed=seed,
        ),
        *_hard_limits((source, target), margins, costs),
    )


def _against_constant(
    everything: SetResult, margins: GateMargins, costs: Costs, seed: int
) -> tuple[GateTest, ...]:
    enough = enough_items(everything, needed=margins.min_target)
    if not enough.passed:
        return (enough,)
    rival = "constant answer"
    return (
        enough,
        better(everything, alpha=margins.alpha, rival=rival, seed=seed),
        not_dearer(
            (everything,), costs=costs, weights=(1.0,), margin=margins.cost, rival=rival, seed=seed
        ),
        *_hard_limits((everything,), margins, costs),
    )


def _hard_limits(
    results: tuple[SetResult, ...], margins: GateMargins, costs: Costs
) -> tuple[GateTest, ...]:
    if margins.max_miss_rate is None:
        return ()
    return (misses_within_limit(results, costs=costs, limit=margins.max_miss_rate),)


def _pooled(source: SetResult | None, target: SetResult) -> SetResult:
    sets = [part for part in (source, target) if part is not None]
    return SetResult(
        name="target",
        truth=tuple(chain.from_iterable(part.truth for part in sets)),
        challenger=tuple(chain.from_iterable(part.challenger for part in sets)),
        learned=sum(part.learned for part in sets),
    )


def _verdict(tests: tuple[GateTest, ...]) -> Verdict:
    failed = tuple(test.sentence for test in tests if test.passed is False)
    undecided = tuple(test.sentence for test in tests if test.passed is None)
    if failed:
        return Verdict("refuse", tests, failed)
    if undecided:
        return Verdict("not_enough_evidence", tests, undecided)
    return Verdict("promote", tests, tuple(test.sentence for test in tests))


_NOTHING_OLDER = SetResult("source", truth=(), challenger=(), champion=())
