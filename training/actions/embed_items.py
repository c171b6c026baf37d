from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from PIL import Image

from annotations.queries.learning import open_item_image
from reviewhub.common.errors import NotFound
from training.actions.ready_backbone import ReadyBackbone
from training.inference.embedder import Embedder
from training.inference.images import to_pixels
from training.models import Embedding
from training.queries.embeddings import items_without_embedding

CHUNK = 32


def embed_items(
    *,
    item_ids: Sequence[int],
    backbone: ReadyBackbone,
    report: Callable[[float, str], None],
    clock: Callable[[], datetime],
) -> int:
    """Compute and keep the embeddings that are missing; returns how many were computed.

    Each chunk is kept as soon as it is done, so a second attempt goes on where the first broke
    off, and two workers at once only waste some work. `report` gets the share done (0 to 1) and
    a sentence, and may raise to stop. An item whose image is gone is left without an embedding.
    """
    missing = items_without_embedding(item_ids, backbone_digest=backbone.digest)
    if not missing:
        return 0
    embedder = Embedder(backbone.onnx, backbone.onnx_sha256)
    kept = 0
    for start in range(0, len(missing), CHUNK):
        report(start / len(missing), f"Embedding image {start + 1} of {len(missing)}.")
        kept += _embed(missing[start : start + CHUNK], embedder, backbone.digest, clock())
    return kept


def _embed(item_ids: Sequence[int], embedder: Embedder, digest: str, now: datetime) -> int:
    pictures = dict(_open(item_ids))
    if not pictures:
        return 0
    vectors = embedder.embed(to_pixels(pictures.values(), size=embedder.size))
    rows = [
        Embedding(
            item_id=item_id,
            backbone_digest=digest,
            vector=vector.astype("<f2").tobytes(),
            created_at=now,
        )
        for item_id, vector in zip(pictures, vectors, strict=True)
    ]
    Embedding.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _open(item_ids: Sequence[int]) -> Iterator[tuple[int, Image.Image]]:
    for item_id in item_ids:
        try:
            yield item_id, open_item_image(item_id)
        except NotFound:
            # Erased or lost: nothing to learn from, but no reason to stop the others.
            continue
