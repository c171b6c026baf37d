"""A person's judgement as it lies in a row: a label key, or a document of boxes."""

from __future__ import annotations

from typing import TypedDict

from annotations.domain.boxes import Box
from annotations.domain.kinds import Judgement, object_detection
from annotations.domain.kinds.answers import Mapped
from reviewhub.common.errors import JsonDict


class Columns(TypedDict):
    """Of a review or an annotation; both are empty where nothing was judged."""

    label_key: str
    answer: JsonDict | None


def columns_of(judgement: Judgement | None) -> Columns:
    if judgement is None:
        return {"label_key": "", "answer": None}
    if isinstance(judgement, str):
        return {"label_key": judgement, "answer": None}
    return {"label_key": "", "answer": {"boxes": [_place(box) for box in judgement]}}


def judgement_in(label_key: str, answer: JsonDict | None) -> Judgement | None:
    """What `columns_of` wrote; None for an unusable or skipped item."""
    if answer is None:
        return label_key or None
    return tuple([Box(**box) for box in answer["boxes"]])


def carried(judgement: Judgement, mapping: Mapped) -> Judgement | None:
    """The judgement in the words of another taxonomy; None where a label of it has none there."""
    if isinstance(judgement, str):
        return mapping(judgement)
    boxes, gone = object_detection.carry(object_detection.Detections(judgement), mapping)
    return None if gone else object_detection.says(boxes)


def _place(box: Box) -> JsonDict:
    return {name: value for name, value in box._asdict().items() if name != "score"}
