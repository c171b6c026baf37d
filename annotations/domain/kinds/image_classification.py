"""Image classification: one label per image; a predictor gives probabilities, a person a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import fsum

from annotations.errors import InvalidAnswer
from reviewhub.common.errors import JsonDict

TOLERANCE = 0.01
"""How far the probabilities may miss a sum of 1: clients round."""

ERRORS_TOLD = 20
"""A document of a million wrong keys is answered as briefly as one of twenty."""

Problem = dict[str, str]


@dataclass(frozen=True)
class ClassProbabilities:
    """Label keys and their probabilities: of all labels, or of the most probable few.

    Equal probabilities rank by key: JSON stored in a database comes back in any order.
    """

    probabilities: Mapping[str, float]

    @property
    def top(self) -> str:
        return min(self.probabilities, key=lambda key: (-self.probabilities[key], key))

    @property
    def confidence(self) -> float:
        return self.probabilities[self.top]

    def as_json(self) -> JsonDict:
        return {key: self.probabilities[key] for key in sorted(self.probabilities)}


def parse(raw: object, labels: Sequence[str]) -> ClassProbabilities:
    """Read `{label key: probability}`, complete or top-k; raises InvalidAnswer.

    Each probability is in [0, 1]. A complete answer adds up to 1 within TOLERANCE. A top-k answer
    adds up to less, and what is left must fit under its smallest probability: otherwise a label
    that was left out might be the most probable one, and `top` would be a lie.
    """
    if not isinstance(raw, Mapping) or not raw:
        expected = "Expected an object that gives at least one label a probability."
        raise InvalidAnswer(errors=[{"field": "probabilities", "message": expected}])
    problems = list(islice(_each(raw, labels), ERRORS_TOLD)) or list(_together(raw, labels))
    if problems:
        raise InvalidAnswer(errors=[*problems])
    return ClassProbabilities({key: float(raw[key]) for key in sorted(raw)})


def distance(one: object, other: object) -> float:
    """0.0 for the same label, 1.0 for another: labels of one taxonomy have no order."""
    return 0.0 if one == other else 1.0


def _each(raw: Mapping[object, object], labels: Sequence[str]) -> Iterator[Problem]:
    known = set(labels)
    for key, value in raw.items():
        field = f"probabilities.{str(key)[:60]}"
        if key not in known:
            yield {"field": field, "message": f"Expected a label of the taxonomy: {_some(labels)}."}
        elif not _is_probability(value):
            yield {"field": field, "message": "Expected a number from 0 to 1."}


def _together(raw: Mapping[str, float], labels: Sequence[str]) -> Iterator[Problem]:
    total = fsum(raw.values())
    missing = len(set(labels)) - len(raw)
    slack = TOLERANCE + 1e-9
    if total > 1 + slack or (missing == 0 and total < 1 - slack):
        message = f"Expected probabilities that add up to 1; these add up to {total:.4g}."
    elif 1 - total > missing * min(raw.values()) + slack:
        message = (
            f"Expected the most probable labels; the {missing} left out hold {1 - total:.4g} "
            "together, so one of them may be more probable than these."
        )
    else:
        return
    yield {"field": "probabilities", "message": message}


def _is_probability(value: object) -> bool:
    """Whether it is a plain number in [0, 1]; NaN is in no interval, and `true` is not 1."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _some(labels: Sequence[str]) -> str:
    return ", ".join(labels[:12]) + (" …" if len(labels) > 12 else "")
