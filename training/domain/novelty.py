"""How unlike everything learned an item is: distance to its nearest known items, as a p-value."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEIGHBOURS = 10
"""The distance to the tenth nearest: one odd picture in the training set hides nothing new."""

HELD_OUT_ENOUGH = 50
BLOCK = 512
"""Rows compared at once, so that memory does not grow with what is scored."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reference:
    """What was learned, as unit vectors, and the distances that ordinary items have from it.

    `held_out`: the distances are those of items that were never learned from. Otherwise each
    learned item was compared with all others; near-copies among them make ordinary distances look
    smaller than they are, so that rather more than `p_value` of ordinary items are called novel.
    """

    known: NDArray[np.float32]
    ordinary: Floats
    held_out: bool

    @property
    def least_p_value(self) -> float:
        """No item, however strange, gets a smaller one."""
        return 1 / (self.ordinary.size + 1)

    def score(self, vectors: ArrayLike) -> tuple[Floats, Floats]:
        """Distances and p-values of new items, one row each."""
        found = distances(directions(vectors), self.known)
        return found, p_values(found, self.ordinary)


def reference(learned: ArrayLike, held_out: ArrayLike, *, p_value: float) -> Reference:
    """Know the learned vectors, and take what is ordinary from those held out if they suffice.

    >>> corner = np.eye(3)[[0] * 30]
    >>> far, p = reference(corner, [], p_value=0.05).score([[1, 0, 0], [0, 1, 0]])
    >>> [float(one) for one in far], [round(float(one), 3) for one in p]
    ([0.0, 1.0], [1.0, 0.032])
    """
    known = directions(learned)
    others = directions(held_out)
    enough = len(others) >= max(HELD_OUT_ENOUGH, calibrating_items(p_value))
    ordinary = distances(others, known) if enough else leave_one_out(known)
    return Reference(known=known, ordinary=np.sort(ordinary), held_out=enough)


def calibrating_items(p_value: float) -> int:
    """How many ordinary distances there must be before a p-value can be that small."""
    return ceil(1 / p_value - 1e-9) - 1


def p_values(scores: ArrayLike, ordinary: ArrayLike) -> Floats:
    """(1 + number of ordinary distances >= score) / (number of them + 1).

    An item that comes from where the ordinary ones come from has a p-value <= p with probability
    at most p, whatever the distances look like (conformal prediction).

    >>> p_values([0.0, 0.35, 2.0], [0.1, 0.2, 0.3, 0.4]).tolist()
    [1.0, 0.4, 0.2]
    """
    steps = np.sort(np.asarray(ordinary, dtype=np.float64))
    as_far = steps.size - np.searchsorted(steps, np.asarray(scores, dtype=np.float64), side="left")
    return np.asarray((1 + as_far) / (steps.size + 1), dtype=np.float64)


def distances(rows: NDArray[np.float32], known: NDArray[np.float32]) -> Floats:
    """Cosine distance (0 to 2) from each unit vector to its tenth nearest known one.

    With fewer known ones than that, to the farthest of them. Raises ValueError without any.
    """
    if not len(known):
        raise ValueError("nothing is known, so everything would be novel")
    return _nearest(rows, known, neighbours=min(NEIGHBOURS, len(known)))


def leave_one_out(known: NDArray[np.float32]) -> Floats:
    """The distance of each known item from the others: what `distances` would say of a copy of
    the world in which just this item was not learned."""
    others = len(known) - 1
    if others < 1:
        return np.empty(0)
    # An item is its own nearest neighbour (or an exact copy of it is, which is the same distance).
    return _nearest(known, known, neighbours=min(NEIGHBOURS, others) + 1)


def _nearest(rows: NDArray[np.float32], known: NDArray[np.float32], *, neighbours: int) -> Floats:
    found = np.empty(len(rows))
    for start in range(0, len(rows), BLOCK):
        likeness = rows[start : start + BLOCK] @ known.T
        at = likeness.shape[1] - neighbours
        found[start : start + BLOCK] = 1 - np.partition(likeness, at, axis=1)[:, at]
    # Rounding may find a vector nearer to itself than it is.
    return np.maximum(found, 0.0)


def directions(vectors: ArrayLike) -> NDArray[np.float32]:
    """Rows brought to length 1; a zero row stays zero, at distance 1 from everything."""
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    if not rows.size:
        return np.empty((0, rows.shape[-1]), dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def share_to_embed(*, waiting: int, per_second: float, seconds: float) -> float:
    """The share of what waits that can be embedded in that time; all of it before any measure.

    >>> share_to_embed(waiting=72_000, per_second=10.0, seconds=3600)
    0.5
    """
    possible = per_second * seconds
    return 1.0 if possible <= 0 or waiting <= possible else possible / waiting
