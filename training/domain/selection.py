"""Which items teach most: those the model is least sure of, and unlike each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.cluster import KMeans

from training.domain.novelty import directions

POOL = 5
"""Candidates for each item chosen: enough to choose from, few enough to be uncertain."""

COPY_COSINE = 0.98
"""Two items this alike teach the same."""

RESTARTS = 3


def most_uncertain(uncertainty: Sequence[float], *, budget: int, seed: int) -> list[int]:
    """Positions of the POOL x budget most uncertain, most uncertain first; chance decides ties.

    >>> most_uncertain([0.1, 0.9, 0.5, 0.7], budget=1, seed=0)[:2]
    [1, 3]
    """
    chance = np.random.default_rng(seed).random(len(uncertainty))
    order = np.lexsort((chance, -np.asarray(uncertainty, dtype=np.float64)))
    return [int(at) for at in order[: POOL * budget]]


def choose(
    uncertainty: Sequence[float], vectors: ArrayLike, *, budget: int, seed: int
) -> list[int]:
    """Positions of up to `budget` items, the most uncertain first; the same seed, the same ones.

    1. The candidates are the POOL x budget most uncertain.
    2. Of near-copies only the most uncertain stays, so they never take two places.
    3. k-means finds `budget` clusters of what is left, and the item nearest to each centre is
       taken: uncertainty alone would ask for the same hard case again and again.
    """
    pool = most_uncertain(uncertainty, budget=budget, seed=seed)
    if not pool:
        return []
    rows = directions(np.asarray(vectors)[pool])
    kept = _without_copies(rows)
    taken = list(range(len(kept)))
    if len(kept) > budget:
        taken = _centres(rows[kept], budget=budget, seed=seed)
    return [pool[kept[at]] for at in sorted(taken)]


def _without_copies(rows: NDArray[np.float32]) -> list[int]:
    """Positions in order, each unlike all those kept before it."""
    kept: list[int] = []
    room = np.empty_like(rows)
    for at, row in enumerate(rows):
        if not kept or float((room[: len(kept)] @ row).max()) <= COPY_COSINE:
            room[len(kept)] = row
            kept.append(at)
    return kept


def _centres(rows: NDArray[np.float32], *, budget: int, seed: int) -> list[int]:
    """One position for each of `budget` clusters; each is of its own cluster, so none is twice."""
    found = KMeans(n_clusters=budget, n_init=RESTARTS, random_state=seed).fit(rows)
    far = np.linalg.norm(rows - found.cluster_centers_[found.labels_], axis=1)
    # Rounded, or the last bits decide between equals, and those follow the order of the columns;
    # of equals the more uncertain comes first.
    order = np.argsort(far.round(5), kind="stable")
    _, first = np.unique(found.labels_[order], return_index=True)
    return [int(at) for at in order[first]]
