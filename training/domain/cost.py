"""What a wrong answer costs, so that missed defects and false alarms can be weighed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Costs:
    """Costs per label, in the order of the taxonomy and in the project's money.

    A positive answered by a negative costs `miss` of the truth; every other mistake costs
    `false_alarm` of the answer given. A right answer costs nothing.
    """

    positive: tuple[bool, ...]
    miss: tuple[float, ...]
    false_alarm: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.positive) == len(self.miss) == len(self.false_alarm) >= 2:
            raise ValueError("Costs name each of at least two labels once.")
        if min(*self.miss, *self.false_alarm) < 0:
            raise ValueError("No mistake has a negative cost.")

    @property
    def table(self) -> NDArray[np.float64]:
        """table[truth, answer]."""
        positive = np.array(self.positive)
        missed = positive[:, None] & ~positive[None, :]
        table = np.where(missed, np.array(self.miss)[:, None], np.array(self.false_alarm)[None, :])
        np.fill_diagonal(table, 0.0)
        return np.asarray(table, dtype=np.float64)

    def of(self, truth: ArrayLike, answers: ArrayLike) -> NDArray[np.float64]:
        """The cost of each answer, all given as label indices."""
        return np.asarray(self.table[np.asarray(truth, int), np.asarray(answers, int)])


@dataclass(frozen=True)
class Counts:
    """Mistakes of one model on one set, as a lead reads them."""

    items: int
    right: int
    positives: int
    missed: int
    negatives: int
    false_alarms: int
    cost: float

    @property
    def accuracy(self) -> float | None:
        return _share(self.right, self.items)

    @property
    def miss_rate(self) -> float | None:
        """False-negative rate; None without positives."""
        return _share(self.missed, self.positives)

    @property
    def false_alarm_rate(self) -> float | None:
        return _share(self.false_alarms, self.negatives)

    def as_json(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "right": self.right,
            "accuracy": self.accuracy,
            "positives": self.positives,
            "missed": self.missed,
            "miss_rate": self.miss_rate,
            "negatives": self.negatives,
            "false_alarms": self.false_alarms,
            "false_alarm_rate": self.false_alarm_rate,
            "cost_per_item": _share(self.cost, self.items),
        }


def count(truth: Sequence[int], answers: Sequence[int], costs: Costs) -> Counts:
    """Count the mistakes of `answers` against `truth`, both label indices."""
    positive = np.array(costs.positive)
    t, a = np.asarray(truth, int), np.asarray(answers, int)
    return Counts(
        items=t.size,
        right=int(np.sum(t == a)),
        positives=int(np.sum(positive[t])),
        missed=int(np.sum(positive[t] & ~positive[a])),
        negatives=int(np.sum(~positive[t])),
        false_alarms=int(np.sum(~positive[t] & positive[a])),
        cost=float(costs.of(t, a).sum()),
    )


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
