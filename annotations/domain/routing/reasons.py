"""The reasons: each a pure function of the facts and of its own parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from annotations.domain.routing.facts import Facts, Opinion
from reviewhub.common.errors import JsonDict

ReasonName = Literal[
    "low_confidence",
    "small_margin",
    "high_entropy",
    "disagreement",
    "dissent",
    "client_flag",
    "taxonomy_changed",
    "rule",
    "novelty",
    "informative",
    "audit",
]


class Reason(NamedTuple):
    """One rule that fired, with the figures that made it fire."""

    name: ReasonName
    detail: JsonDict

    def as_json(self) -> JsonDict:
        return {"name": self.name, "detail": self.detail}


class Doubts(NamedTuple):
    """From where on two predictors count as disagreeing; None and False: not for that."""

    labels: bool
    divergence: float | None
    unmatched: int | None


class Named(Protocol):
    """A rule of the lead's own that can tell whether it is meant."""

    @property
    def name(self) -> str: ...

    def matches(self, facts: Facts) -> bool: ...


def low_confidence(facts: Facts, below: float) -> Reason | None:
    """The predictor itself is not sure: its confidence is under the threshold."""
    if facts.confidence >= below:
        return None
    return Reason("low_confidence", {"confidence": facts.confidence, "below": below})


def small_margin(facts: Facts, below: float) -> Reason | None:
    """Its two most probable labels are close to each other."""
    if facts.margin is None or facts.margin >= below:
        return None
    return Reason("small_margin", {"margin": facts.margin, "below": below})


def high_entropy(facts: Facts, above: float) -> Reason | None:
    """Its probability is spread over many labels; entropy is 1 when it knows nothing."""
    if facts.entropy is None or facts.entropy <= above:
        return None
    return Reason("high_entropy", {"entropy": facts.entropy, "above": above})


def disagreement(facts: Facts, doubts: Doubts) -> Reason | None:
    """Another predictor gives the same item another label, other odds or other boxes.

    `others` are the labels said instead; divergence and unmatched boxes are told, the largest of
    them, where they reached their limit.
    """
    if not facts.differences:
        return None
    different = [opinion for opinion in facts.differences if _differs(opinion, doubts)]
    if not different:
        return None
    detail: JsonDict = {
        "predicted": facts.predicted,
        "others": sorted({each.predicted for each in different if each.labels}),
        "predictors": sorted({each.predictor for each in different}),
    }
    if doubts.divergence is not None:
        detail["divergence"] = max((each.divergence or 0.0 for each in different), default=0.0)
    if doubts.unmatched is not None:
        detail["unmatched"] = max(each.unmatched for each in different)
    return Reason("disagreement", detail)


def dissent(facts: Facts, least: float) -> Reason | None:
    """A model that was asked several times does not answer the same: the share that says else."""
    if facts.dissent is None or facts.dissent < least:
        return None
    return Reason("dissent", {"dissent": facts.dissent, "least": least})


def client_flag(facts: Facts, wanted: bool) -> Reason | None:
    """The client itself asked for a look, in its own words."""
    return Reason("client_flag", {"flag": facts.flag}) if wanted and facts.flag else None


def taxonomy_changed(facts: Facts, _: bool = True) -> Reason | None:
    """It claims a label that the taxonomy in force no longer has; no policy can switch this off."""
    return Reason("taxonomy_changed", {"labels": list(facts.gone)}) if facts.gone else None


def rule(facts: Facts, rules: Sequence[Named]) -> Reason | None:
    """Rules of the lead's own, by class, slice and metadata; each that matches is named."""
    names = [each.name for each in rules if each.matches(facts)]
    return Reason("rule", {"rules": names}) if names else None


def audit(draw: float, probability: float) -> Reason | None:
    """Chance picked it: the only reason whose answers may enter an estimate."""
    return Reason("audit", {"probability": probability}) if draw < probability else None


def novelty(*, p_value: float, threshold: float, distance: float) -> Reason:
    """A worker found it far from everything learned: few known items are further away."""
    detail: JsonDict = {"p_value": p_value, "threshold": threshold, "distance": distance}
    return Reason("novelty", detail)


def informative(*, margin: float | None, uncertainty: float) -> Reason:
    """A worker picked it to learn from: its model is unsure, and it is unlike the others picked.

    `uncertainty` is 1 - margin, or 1 - confidence where a kind knows no margin.
    """
    return Reason("informative", {"margin": margin, "uncertainty": uncertainty})


def _differs(opinion: Opinion, doubts: Doubts) -> bool:
    return bool(
        (doubts.labels and opinion.labels)
        or (
            doubts.divergence is not None
            and opinion.divergence is not None
            and opinion.divergence >= doubts.divergence
        )
        or (doubts.unmatched is not None and opinion.unmatched >= doubts.unmatched)
    )
