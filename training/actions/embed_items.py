from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from PIL import Image

from annotations.queries.learning import item_texts, open_item_image
from reviewhub.common.errors import NotFound
from training.actions.ready_backbone import ReadyBackbone
from training.domain.snapshots import Vectors
from training.inference.embedder import Embedder
from training.inference.images import to_pixels
from training.inference.texts import TextEmbedder
from training.models import Embedding
from training.queries.embeddings import items_without_embedding

CHUNK = 32

Reader = Callable[[Sequence[int]], Vectors]
Backbone = ReadyBackbone | TextEmbedder
"""What gives items their embeddings: a network for images, letters for texts."""


def embed_items(
    *,
    item_ids: Sequence[int],
    backbone: Backbone,
    report: Callable[[float, str], None],
    clock: Callable[[], datetime],
) -> int:
    """Compute and keep the embeddings that are missing; returns how many were computed.

    Each chunk is kept as soon as it is done, so a second attempt goes on where the first broke
    off, and two workers at once only waste some work. `report` gets the share done (0 to 1) and
    a sentence, and may raise to stop. An item whose content is gone is left without an embedding.
    """
    missing = items_without_embedding(item_ids, backbone_digest=backbone.digest)
    if not missing:
        return 0
    read = _reader(backbone)
    kept = 0
    for start in range(0, len(missing), CHUNK):
        report(start / len(missing), f"Embedding item {start + 1} of {len(missing)}.")
        kept += _keep(read(missing[start : start + CHUNK]), backbone.digest, clock())
    return kept


def _keep(vectors: Vectors, digest: str, now: datetime) -> int:
    rows = [
        Embedding(
            item_id=item_id,
            backbone_digest=digest,
            vector=vector.astype("<f2").tobytes(),
            created_at=now,
        )
        for item_id, vector in vectors.items()
    ]
    Embedding.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _reader(backbone: Backbone) -> Reader:
    if isinstance(backbone, TextEmbedder):
        return partial(_read_texts, backbone)
    return partial(_read_images, Embedder(backbone.onnx, backbone.onnx_sha256))


def _read_texts(embedder: TextEmbedder, item_ids: Sequence[int]) -> Vectors:
    texts = item_texts(item_ids)
    return dict(zip(texts, embedder.embed([*texts.values()]), strict=True))


def _read_images(embedder: Embedder, item_ids: Sequence[int]) -> Vectors:
    pictures = dict(_open(item_ids))
    pixels = to_pixels(pictures.values(), size=embedder.size)
    return dict(zip(pictures, embedder.embed(pixels), strict=True)) if pictures else {}


def _open(item_ids: Sequence[int]) -> Iterator[tuple[int, Image.Image]]:
    for item_id in item_ids:
        try:
            yield item_id, open_item_image(item_id)
        except NotFound:
            # Erased or lost: nothing to learn from, but no reason to stop the others.
            continue
