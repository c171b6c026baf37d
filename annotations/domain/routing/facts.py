"""What is known of a prediction when it is routed: everything but the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol, Self

from annotations.domain.kinds.answers import Answer, predicted_of
from reviewhub.common.errors import JsonScalar

# Named tuples rather than dataclasses: one of each is made for every prediction, and a frozen
# dataclass costs four times as much to make.


class Opinion(NamedTuple):
    """How another predictor's answer about the same item differs from this one.

    `labels`: the top labels differ; `divergence` (Jensen-Shannon, 0 to 1) where both gave a
    distribution; `unmatched`: boxes of either side without a partner on the other.
    """

    predictor: str
    predicted: str
    labels: bool
    divergence: float | None = None
    unmatched: int = 0


class Facts(NamedTuple):
    """One prediction in the words of the taxonomy in force.

    `predicted` is "" where nothing was found. `claimed` names every label it claims, such as those
    of its boxes; empty means `predicted` alone. `positive` is the probability of a finding, None
    in a project whose taxonomy has no positive label. `dissent` is the share of sampled answers
    that say otherwise. `gone` are claimed labels of an older taxonomy that have no successor.
    `metadata` may be empty where no rule asks for them.
    """

    predicted: str
    confidence: float
    margin: float | None = None
    entropy: float | None = None
    positive: float | None = None
    predicted_positive: bool = False
    dissent: float | None = None
    differences: tuple[Opinion, ...] = ()
    flag: str = ""
    slices: Mapping[str, JsonScalar] = MappingProxyType({})
    gone: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    metadata: Mapping[str, object] = MappingProxyType({})


def facts_of(
    said: Answer,
    *,
    carried: Answer,
    gone: tuple[str, ...],
    positives: frozenset[str],
    differences: tuple[Opinion, ...] = (),
    flag: str = "",
    slices: Mapping[str, JsonScalar] = MappingProxyType({}),
    metadata: Mapping[str, object] = MappingProxyType({}),
) -> Facts:
    """The facts of an answer, `carried` into the taxonomy in force, which left `gone` behind.

    A label without successor that was merely thought possible, and not claimed, changes nothing.
    """
    predicted = predicted_of(said, carried, gone)
    claims = carried.claims if predicted == carried.top else ()
    return Facts(
        predicted,
        carried.confidence,
        carried.margin,
        carried.entropy,
        carried.positive(positives) if positives else None,
        not positives.isdisjoint(claims),
        carried.dissent,
        differences,
        flag,
        slices,
        tuple(key for key in gone if key in said.claims) if gone else (),
        claims,
        metadata,
    )


class PricedLabel(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def is_positive(self) -> bool: ...
    @property
    def cost_of_miss(self) -> float: ...
    @property
    def cost_of_false_alarm(self) -> float: ...


class Costs(NamedTuple):
    """What mistakes cost: by label claimed in vain, and for a finding that was missed."""

    false_alarm: Mapping[str, float]
    miss: float
    unnamed: float = 0.0

    @classmethod
    def of(cls, labels: Iterable[PricedLabel]) -> Self:
        """Costs of a taxonomy; which finding was missed is unknown, so the dearest counts."""
        known = list(labels)
        return cls(
            {label.key: label.cost_of_false_alarm for label in known},
            max((label.cost_of_miss for label in known if label.is_positive), default=0.0),
        )

    def expected(self, facts: Facts) -> float:
        """P(error) x cost of that error, taking the prediction's probabilities at their word.

        A finding overlooked costs a miss, every other mistake a false alarm of what was answered;
        so do all mistakes where the taxonomy has no positive label.
        """
        doubt = 1.0 - facts.confidence
        vain = self.false_alarm.get(facts.predicted, self.unnamed)
        if facts.predicted_positive or not facts.positive:
            return doubt * vain
        return facts.positive * self.miss + max(0.0, doubt - facts.positive) * vain


UNIT_COSTS = Costs({}, miss=1.0, unnamed=1.0)
"""Every mistake costs 1: the expected cost is the probability of an error."""
