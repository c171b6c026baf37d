"""Boxes as they are laid over a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from annotations.domain.boxes import Box
from annotations.models import Item, ProjectKind, StoredImage
from reviewhub.common.pages import Drawing, DrawnBox


def drawing(image: StoredImage | None, *layers: Iterable[DrawnBox]) -> Drawing | None:
    """The layers over one picture, the last on top; None where there is nothing to draw (on)."""
    boxes = tuple(box for layer in layers for box in layer)
    return Drawing(image.width, image.height, boxes) if image and boxes else None


def drawn(boxes: Sequence[Box], by: str, prefix: str = "") -> list[DrawnBox]:
    """Numbered from 1 in their order, as the lists beside the picture are."""
    return [
        DrawnBox(box.x, box.y, box.width, box.height, by, f"{prefix}{number}")
        for number, box in enumerate(boxes, start=1)
    ]


def stored_boxes(answer: dict[str, Any] | None) -> list[Box]:
    """The boxes of a prediction's, a review's or an annotation's document."""
    return [Box(**box) for box in (answer or {}).get("boxes", ())]


def drawing_of_item(item: Item, kind: str) -> Drawing | None:
    """What was predicted last and what was settled; `item` comes from `item_with_story`."""
    if kind != ProjectKind.OBJECT_DETECTION:
        return None
    predictions, annotations = list(item.predictions.all()), list(item.annotations.all())
    predicted = stored_boxes(predictions[-1].answer) if predictions else []
    settled = stored_boxes(annotations[-1].answer) if annotations else []
    return drawing(item.content.image, drawn(predicted, "model", "M"), drawn(settled, "settled"))
