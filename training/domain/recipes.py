"""Which training fits how many labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from training.errors import TooFewAnnotations

WEIGHTINGS = ("plain", "replay", "balanced")
"""How recent labels weigh against older ones, the plainest first.

plain: every label alike. replay: recent and older labels as two halves. balanced: as replay, and
within each half every class alike.
"""

LEARNED_KINDS = frozenset({"image_classification"})
"""Kinds of work that something here learns: one learner each in `training/ml/learners/`."""

_LABELS_PER_CLASS = 5
_RECENT_TO_CHOOSE = 40


@dataclass(frozen=True)
class Recipe:
    """A head on a frozen backbone; `inverse_penalty` is C of the L2-penalised logistic loss."""

    backbone: str
    name: str = "frozen-backbone-logistic-head"
    inverse_penalty: float = 0.01
    weightings: tuple[str, ...] = ("plain",)
    folds: int = 4

    def __post_init__(self) -> None:
        if not self.weightings or set(self.weightings) - set(WEIGHTINGS):
            raise ValueError(f"Weightings are some of {', '.join(WEIGHTINGS)}.")
        if self.inverse_penalty <= 0 or self.folds < 2:
            raise ValueError("A recipe needs a positive inverse penalty and at least two folds.")

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"weightings": list(self.weightings)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        known = {f.name: document[f.name] for f in fields(cls) if f.name in document}
        return cls(**known | {"weightings": tuple(document.get("weightings", ("plain",)))})


def choose_recipe(*, backbone: str, older: Mapping[str, int], recent: Mapping[str, int]) -> Recipe:
    """The recipe for so many labels of the learn fold, counted per label key.

    With enough recent labels beside older ones their weight is chosen by cross-validation; with
    fewer the choice would be noise. Raises `TooFewAnnotations` unless two labels have five each.
    """
    totals = {key: older.get(key, 0) + recent.get(key, 0) for key in older.keys() | recent.keys()}
    usable = [key for key, number in totals.items() if number >= _LABELS_PER_CLASS]
    if len(usable) < 2:
        raise TooFewAnnotations(
            f"Two labels need {_LABELS_PER_CLASS} approved annotations each in the learn fold; "
            f"there are {dict(sorted(totals.items()))}.",
            counts=totals,
        )
    choosable = sum(recent.values()) >= _RECENT_TO_CHOOSE and sum(older.values()) > 0
    return Recipe(backbone=backbone, weightings=WEIGHTINGS if choosable else ("plain",))
