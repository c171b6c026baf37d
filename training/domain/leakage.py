"""What may not be learned from, because the exam would then ask what was already told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

NEAR_DUPLICATE_COSINE = 0.99
"""Two items this alike are one picture twice.

Measured on elpv: a copy saved as JPEG of quality 90 keeps a cosine of at least .992 with its
original, one 3 % brighter .997 (5 % quantile). Different cells of one make are alike, too: at .99
the held-out fifth costs the rest 2.5 % of its items, at .98 already 16 %, at .95 66 %.
"""

BLOCK = 1024


class Leak(StrEnum):
    SAME_IMAGE = "same_image"
    SAME_GROUP = "same_group"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True)
class Trace:
    """By what an item could be recognised: its bytes, its source, its embedding."""

    image_sha256: str
    source_group: str
    embedding: NDArray[np.float16]


def find_leaks(candidates: Sequence[Trace], held_out: Sequence[Trace]) -> dict[int, Leak]:
    """Positions of candidates that a held-out item would recognise, each with the first reason."""
    images = {trace.image_sha256 for trace in held_out}
    groups = {trace.source_group for trace in held_out} - {""}
    near = _near(candidates, held_out)
    leaks: dict[int, Leak] = {}
    for position, trace in enumerate(candidates):
        if trace.image_sha256 in images:
            leaks[position] = Leak.SAME_IMAGE
        elif trace.source_group in groups:
            leaks[position] = Leak.SAME_GROUP
        elif near[position]:
            leaks[position] = Leak.NEAR_DUPLICATE
    return leaks


def _near(candidates: Sequence[Trace], held_out: Sequence[Trace]) -> NDArray[np.bool_]:
    if not candidates or not held_out:
        return np.zeros(len(candidates), dtype=bool)
    known = _directions(held_out)
    blocks = [
        (_directions(candidates[start : start + BLOCK]) @ known.T).max(axis=1)
        for start in range(0, len(candidates), BLOCK)
    ]
    return np.asarray(np.concatenate(blocks) > NEAR_DUPLICATE_COSINE)


def _directions(traces: Sequence[Trace]) -> NDArray[np.float32]:
    vectors = np.stack([trace.embedding for trace in traces]).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12))
