"""How right a model is on cells that the server has never seen."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from examples.solar_cells.cells import Cell, Parts
from examples.solar_cells.model import Model

SURE = 0.9


@dataclass(frozen=True)
class Figures:
    """Counts over one set of cells; `sure` answers have a confidence of 0.9 or more."""

    cells: int
    right: int
    defects: int
    missed: int
    good: int
    false_alarms: int
    sure: int
    sure_and_wrong: int

    @property
    def accuracy(self) -> float:
        return self.right / self.cells

    @property
    def missed_share(self) -> float:
        """Of the defective cells."""
        return self.missed / self.defects

    @property
    def false_alarm_share(self) -> float:
        """Of the good cells."""
        return self.false_alarms / self.good

    @property
    def confidently_wrong(self) -> float:
        """Of all answers."""
        return self.sure_and_wrong / self.cells

    @property
    def wrong_when_sure(self) -> float:
        """Of the sure answers; 0 when there are none."""
        return self.sure_and_wrong / self.sure if self.sure else 0.0


@dataclass(frozen=True)
class Measured:
    """One model on both kinds of held-out cells."""

    mono: Figures
    poly: Figures


class Measuring(threading.Thread):
    """Measures a model beside the story; `figures` waits for the end."""

    def __init__(self, model: Model, parts: Parts) -> None:
        super().__init__(name="measure", daemon=True)
        self._model = model
        self._parts = parts
        self._measured: Measured | Exception | None = None

    def run(self) -> None:
        try:
            self._measured = Measured(
                mono=measure(self._model, self._parts.mono_held_out),
                poly=measure(self._model, self._parts.poly_held_out),
            )
        except Exception as error:  # noqa: BLE001 (raised again where the figures are asked for)
            self._measured = error

    @property
    def figures(self) -> Measured:
        self.join()
        if not isinstance(self._measured, Measured):
            raise RuntimeError("the model could not be measured") from self._measured
        return self._measured


def measure(model: Model, cells: Sequence[Cell]) -> Figures:
    """Let the model judge every cell and hold it against the experts' grade."""
    answers = list(model.predict(cell.path for cell in cells))
    return count([cell.label for cell in cells], answers)


def count(truth: Sequence[str], answers: Sequence[dict[str, float]]) -> Figures:
    """The figures of answers, given as the probability of each label."""
    told = [max(answer, key=lambda name: answer[name]) for answer in answers]
    sure = [max(answer.values()) >= SURE for answer in answers]
    pairs = list(zip(truth, told, strict=True))
    wrong = [true != said for true, said in pairs]
    return Figures(
        cells=len(pairs),
        right=len(pairs) - sum(wrong),
        defects=truth.count("defect"),
        missed=pairs.count(("defect", "ok")),
        good=truth.count("ok"),
        false_alarms=pairs.count(("ok", "defect")),
        sure=sum(sure),
        sure_and_wrong=sum(a and b for a, b in zip(sure, wrong, strict=True)),
    )
