"""Image classification: one label per image; a predictor gives probabilities, a person a label."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from annotations.domain.kinds import distributions, single_label
from annotations.domain.kinds.answers import (
    FIELDS,
    Answer,
    Difference,
    Mapped,
    Size,
    foreign,
    refuse,
)
from annotations.domain.kinds.distributions import Ranked, ranked
from reviewhub.common.errors import JsonDict

TAKES = ("probabilities",)

judged_by: Final = "label"


@dataclass(frozen=True)
class ClassProbabilities(Ranked):
    """Label keys and their probabilities: of all labels, or of the most probable few."""

    def as_json(self) -> JsonDict:
        return dict(sorted(self.ranking))


def parse(raw: object, labels: Collection[str], *, size: Size | None = None) -> ClassProbabilities:
    """Read `{"probabilities": {label key: probability}}`, or the inner object alone as stored.

    A label may be called "probabilities": only an object under that name is the client's field.
    Raises InvalidAnswer; what probabilities must be stands at `distributions.read`.
    """
    if isinstance(raw, Mapping) and _is_fields(raw, labels):
        if len(raw) > 1 or "probabilities" not in raw:
            refuse(foreign(raw, kind="image_classification", takes=TAKES))
        raw = raw["probabilities"]
    return ClassProbabilities(distributions.read(raw, labels))


def restore(document: JsonDict) -> ClassProbabilities:
    return ClassProbabilities(ranked(document))


judge = single_label.judge
says = single_label.says
same = agree = single_label.same
distance = single_label.distance


def compare(one: Answer, other: Answer, *, iou: float = 0.5) -> Difference:
    """The labels chosen and the divergence of the probabilities; nothing here overlaps."""
    assert isinstance(one, Ranked)
    assert isinstance(other, Ranked)
    return distributions.compare(one, other)


def carry(answer: Answer, mapping: Mapped) -> tuple[ClassProbabilities, tuple[str, ...]]:
    """Merged labels add up; what a label without successor held stays untold."""
    assert isinstance(answer, ClassProbabilities)
    ranking, gone = distributions.carried(answer.ranking, mapping)
    return ClassProbabilities(ranking), gone


def _is_fields(raw: Mapping[object, object], labels: Collection[str]) -> bool:
    return isinstance(raw.get("probabilities"), Mapping) or any(
        name in raw and name not in labels for name in FIELDS
    )
