"""The photos: 2,624 solar cells under electroluminescence, graded by experts, and who gets which.

Elpv-dataset (Buerhop-Lutz, Deitsch and others), images under CC BY-NC-SA 4.0.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

NOTICE = "Demonstration data, non-commercial: elpv-dataset, CC BY-NC-SA 4.0."
LABELS = ("ok", "defect")


class PhotosMissing(Exception):
    """The package with the photos is not installed."""


@dataclass(frozen=True)
class Cell:
    """One photo; `grade` is the experts' probability of a defect: 0, 1/3, 2/3 or 1."""

    external_id: str
    path: Path
    grade: float
    mono: bool

    @property
    def label(self) -> str:
        """The truth that is measured against: a defect from grade 1/2 on."""
        return "defect" if self.grade >= 0.5 else "ok"

    @property
    def metadata(self) -> dict[str, str]:
        return {"wafer": "monocrystalline" if self.mono else "polycrystalline"}


@dataclass(frozen=True)
class Parts:
    """Disjoint parts of the photos; the held-out ones are never sent to the server."""

    known: tuple[Cell, ...]
    poly_line: tuple[Cell, ...]
    poly_held_out: tuple[Cell, ...]
    mono_line: tuple[Cell, ...]
    mono_held_out: tuple[Cell, ...]


def find_photos() -> Path:
    """The folder of the installed package, found without importing it. Raises PhotosMissing."""
    package = find_spec("elpv_dataset")
    if package is None or package.origin is None:
        raise PhotosMissing("install the photos: pip install -r requirements-demo.txt")
    return Path(package.origin).parent / "data"


def load_cells(folder: Path) -> list[Cell]:
    """Every cell that `labels.csv` in this folder names, in its order."""
    lines = (folder / "labels.csv").read_text(encoding="ascii").splitlines()
    return [_cell(folder, *line.split()) for line in lines if line.strip()]


def share_out(cells: Sequence[Cell], *, seed: int) -> Parts:
    """The same seed gives everybody the same cells: 1,100 known and 50 more for the line, of
    polycrystalline wafers, 600 for the line of monocrystalline ones, all others held out."""
    dice = random.Random(seed)
    poly = [cell for cell in cells if not cell.mono]
    mono = [cell for cell in cells if cell.mono]
    dice.shuffle(poly)
    dice.shuffle(mono)
    return Parts(
        known=tuple(poly[:1100]),
        poly_line=tuple(poly[1100:1150]),
        poly_held_out=tuple(poly[1150:]),
        mono_line=tuple(mono[:600]),
        mono_held_out=tuple(mono[600:]),
    )


def _cell(folder: Path, file: str, grade: str, wafer: str) -> Cell:
    path = folder / file
    return Cell(external_id=path.stem, path=path, grade=float(grade), mono=wafer == "mono")
