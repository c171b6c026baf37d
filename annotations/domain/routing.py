"""Which predictions people must see, and why: one pure function per reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, TypeGuard

from annotations.errors import PolicyInvalid
from reviewhub.common.errors import JsonDict

ReasonName = Literal["low_confidence", "disagreement", "audit"]
Outcome = Literal["accepted", "queued"]

LEAST_AUDIT_RATE = 1e-6
"""Below one in a million nothing would ever be drawn, and no estimate could stand on it."""


@dataclass(frozen=True)
class Reason:
    """One rule that fired, with the figures that made it fire."""

    name: ReasonName
    detail: JsonDict

    def as_json(self) -> JsonDict:
        return {"name": self.name, "detail": self.detail}


@dataclass(frozen=True)
class Decision:
    """What becomes of a prediction, and what must be logged for any later estimate.

    `inclusion_probability` in (0, 1] is the chance of the audit draw alone, known before any
    label; `audited` means drawn, which is `draw < inclusion_probability`.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    inclusion_probability: float
    draw: float
    audited: bool


@dataclass(frozen=True)
class Rules:
    """A routing policy's document; an invalid one cannot be made (PolicyInvalid with `errors`).

    `low_confidence` in (0, 1]: queue what is below it; None switches the rule off.
    `disagreement`: queue what another predictor labels differently.
    `audit_rate` in [1e-6, 1]: the share of all predictions drawn for blind audit.
    """

    low_confidence: float | None = None
    disagreement: bool = False
    audit_rate: float = 0.05

    def __post_init__(self) -> None:
        if errors := list(_problems(self.as_json())):
            raise PolicyInvalid(errors=errors)

    @classmethod
    def from_json(cls, raw: object) -> Rules:
        """Read a document; `audit_rate` must be said, and a field that no rule knows is refused."""
        if not isinstance(raw, Mapping):
            raise PolicyInvalid(errors=[{"field": "rules", "message": "Expected an object."}])
        if errors := list(_problems(raw)):
            raise PolicyInvalid(errors=errors)
        return cls(**raw)

    def as_json(self) -> JsonDict:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def route(
    *, confidence: float, predicted: str, others: Sequence[str], rules: Rules, draw: float
) -> Decision:
    """Decide about one prediction; `others` are the labels of other predictors on the item.

    The audit is an independent draw for every prediction: no other reason makes it more or less
    likely, else estimates would lean towards what was queued anyway. `draw` in [0, 1) is a keyed
    hash, so asking again decides the same.
    """
    if not 0 <= draw < 1:
        raise ValueError(f"draw must be in [0, 1), not {draw}")
    audited = audit(draw, rate=rules.audit_rate)
    fired = (
        low_confidence(confidence, below=rules.low_confidence),
        disagreement(predicted, others) if rules.disagreement else None,
        audited,
    )
    reasons = tuple(reason for reason in fired if reason is not None)
    return Decision(
        outcome="queued" if reasons else "accepted",
        reasons=reasons,
        inclusion_probability=rules.audit_rate,
        draw=draw,
        audited=audited is not None,
    )


def low_confidence(confidence: float, *, below: float | None) -> Reason | None:
    """The predictor itself is not sure: its confidence is under the threshold."""
    if below is None or confidence >= below:
        return None
    return Reason("low_confidence", {"confidence": confidence, "below": below})


def disagreement(predicted: str, others: Sequence[str]) -> Reason | None:
    """Another predictor gives the same item another label."""
    different = sorted(set(others) - {predicted})
    if not different:
        return None
    return Reason("disagreement", {"predicted": predicted, "others": [*different]})


def audit(draw: float, *, rate: float) -> Reason | None:
    """Chance picked it: the only reason whose answers may enter an estimate."""
    return Reason("audit", {"rate": rate}) if draw < rate else None


def _problems(raw: Mapping[str, object]) -> Iterator[JsonDict]:
    for name in raw.keys() - {field.name for field in fields(Rules)}:
        yield {"field": str(name)[:60], "message": "No rule has this name."}
    threshold = raw.get("low_confidence")
    if threshold is not None and not (_is_number(threshold) and 0 < threshold <= 1):
        expected = "Expected a number above 0 and up to 1, or null to switch the rule off."
        yield {"field": "low_confidence", "message": expected}
    if not isinstance(raw.get("disagreement", False), bool):
        yield {"field": "disagreement", "message": "Expected true or false."}
    rate = raw.get("audit_rate")
    if not (_is_number(rate) and LEAST_AUDIT_RATE <= rate <= 1):
        expected = f"Expected a number from {LEAST_AUDIT_RATE} to 1: never 0."
        yield {"field": "audit_rate", "message": expected}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
