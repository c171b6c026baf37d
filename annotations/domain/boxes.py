"""Boxes on an image: how much two overlap, and which of one side belongs to which of the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Box(NamedTuple):
    """A rectangle in pixels from the top left; `score` is 1.0 where a person drew it."""

    label: str
    x: float
    y: float
    width: float
    height: float
    score: float = 1.0


class Pair(NamedTuple):
    """Positions of two boxes that belong together, and their overlap."""

    one: int
    other: int
    iou: float


def iou(one: Box, other: Box) -> float:
    """Intersection over union, 0.0 (apart) to 1.0 (the same place); the labels do not matter.

    >>> iou(Box("a", 0, 0, 10, 10), Box("a", 0, 5, 10, 10))
    0.3333333333333333
    """
    return float(_overlaps([one], [other])[0, 0])


def match(one: Sequence[Box], other: Sequence[Box], *, least: float = 0.5) -> tuple[Pair, ...]:
    """Pair boxes of the same label that overlap by at least `least`, each box at most once.

    As many pairs as possible, and of all such pairings the one with the largest overlap in sum:
    to take the best pair first (greedily) may leave two boxes alone that had partners, and would
    make the answer depend on who is compared with whom.
    """
    if not one or not other:
        return ()
    overlaps = _overlaps(one, other)
    fits = (overlaps >= least) & (overlaps > 0) & _same_label(one, other)
    rows, columns = fits.nonzero()
    if len(set(rows)) < len(rows) or len(set(columns)) < len(columns):
        rows, columns = _assigned(overlaps, fits)
    return tuple(
        Pair(int(row), int(column), float(overlaps[row, column]))
        for row, column in zip(rows, columns, strict=True)
    )


def distance(one: Sequence[Box], other: Sequence[Box]) -> float:
    """1 - (sum of IoU of the pairs) / (boxes of both sides, a pair counted once); 0.0 if none.

    One of two boxes missed costs as much as a box drawn elsewhere; a box half a pixel off, little.

    >>> distance([Box("a", 0, 0, 10, 10)], [])
    1.0
    """
    pairs = match(one, other)
    different = len(one) + len(other) - len(pairs)
    if not different:
        return 0.0
    return min(max(1.0 - sum(sorted(pair.iou for pair in pairs)) / different, 0.0), 1.0)


def _overlaps(one: Sequence[Box], other: Sequence[Box]) -> Matrix:
    """IoU of every box with every other; areas from the same corners, so that a twin gives 1.0."""
    left, right = _corners(one)[:, None], _corners(other)[None]
    near = np.maximum(left[..., :2], right[..., :2])
    far = np.minimum(left[..., 2:], right[..., 2:])
    shared = np.clip(far - near, 0, None).prod(axis=-1)
    union = _area(left) + _area(right) - shared
    overlaps: Matrix = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return overlaps


def _corners(boxes: Sequence[Box]) -> Matrix:
    return np.array([(b.x, b.y, b.x + b.width, b.y + b.height) for b in boxes], dtype=np.float64)


def _area(corners: Matrix) -> Any:
    return (corners[..., 2:] - corners[..., :2]).prod(axis=-1)


def _same_label(one: Sequence[Box], other: Sequence[Box]) -> Mask:
    numbers = {label: n for n, label in enumerate({box.label for box in (*one, *other)})}
    left = np.array([numbers[box.label] for box in one])
    right = np.array([numbers[box.label] for box in other])
    same: Mask = left[:, None] == right[None]
    return same


def _assigned(overlaps: Matrix, fits: Mask) -> tuple[Any, Any]:
    """A pair more is worth more than any overlap, hence the weight of its own."""
    one_more = min(overlaps.shape) + 1.0
    rows, columns = optimize.linear_sum_assignment(
        np.where(fits, one_more + overlaps, 0.0), maximize=True
    )
    kept = fits[rows, columns]
    return rows[kept], columns[kept]
