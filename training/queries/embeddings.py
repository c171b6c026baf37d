from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from training.models import Embedding

CHUNK = 500


def embeddings_of(
    item_ids: Sequence[int], *, backbone_digest: str
) -> dict[int, NDArray[np.float16]]:
    """What is stored, by item; an item without an embedding is left out."""
    return {
        item_id: np.frombuffer(vector, dtype="<f2")
        for chunk in _chunks(item_ids)
        for item_id, vector in Embedding.objects.filter(
            backbone_digest=backbone_digest, item_id__in=chunk
        ).values_list("item_id", "vector")
    }


def items_without_embedding(item_ids: Sequence[int], *, backbone_digest: str) -> list[int]:
    """Those of the items that this backbone has not seen, in the order given."""
    known: set[int] = set()
    for chunk in _chunks(item_ids):
        stored = Embedding.objects.filter(backbone_digest=backbone_digest, item_id__in=chunk)
        known.update(stored.values_list("item_id", flat=True))
    return [item_id for item_id in item_ids if item_id not in known]


def _chunks(item_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Short enough for the bound parameters of any database."""
    for start in range(0, len(item_ids), CHUNK):
        yield item_ids[start : start + CHUNK]
