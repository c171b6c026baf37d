"""Object detection: boxes in pixels, each with a label; a predictor's boxes also have scores.

No box at all is an answer: nothing is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Final, TypeGuard, cast

from annotations.domain import boxes as geometry
from annotations.domain.boxes import Box
from annotations.domain.kinds.answers import (
    Answer,
    Difference,
    Judgement,
    Mapped,
    Size,
    foreign,
    is_number,
    refuse,
    unknown_label,
)
from reviewhub.common.errors import JsonDict

TAKES = ("boxes",)
PLACE = ("x", "y", "width", "height")

MOST_BOXES = 1_000

LONGEST_SIDE = 1_000_000
"""No image is larger; what stands in for its size while that is not known."""

ROUNDING = 1.0
"""How many pixels a box may stick out of the image, to be cut off: clients round."""

THINNEST = 0.001
"""Pixels that a side must have: a box without area overlaps with nothing, not even itself."""

SAME_WITHIN = 0.5
"""Pixels by which a side may differ in boxes that are called the same: forms round too."""

AGREE_WITHIN = 0.3
"""The distance up to which people agree: nobody draws to the pixel. No box may be alone."""

NUMBERS = frozenset({int, float})
"""Types of what may be a number of pixels or a score; `true` is not 1."""

judged_by: Final = "boxes"

Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Detections:
    """Boxes by falling score; equal scores by label and place, so that the order never depends
    on the client.
    """

    boxes: tuple[Box, ...]

    @property
    def top(self) -> str:
        return self.boxes[0].label if self.boxes else ""

    @property
    def confidence(self) -> float:
        """The lowest score, its weakest claim; an empty image has no score to doubt it by."""
        return self.boxes[-1].score if self.boxes else 1.0

    @property
    def margin(self) -> float | None:
        return None

    @property
    def entropy(self) -> float | None:
        return None

    @property
    def dissent(self) -> float | None:
        return None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([box.label for box in self.boxes]))

    @property
    def claims(self) -> tuple[str, ...]:
        return self.labels

    def positive(self, positives: Collection[str]) -> float:
        """1 - Π(1 - score): at least one of the boxes is right, were their errors independent."""
        return 1.0 - prod([1.0 - box.score for box in self.boxes if box.label in positives])

    def as_json(self) -> JsonDict:
        return {"boxes": [box._asdict() for box in self.boxes]}


def parse(raw: object, labels: Collection[str], *, size: Size | None = None) -> Detections:
    """Read `{"boxes": [{label, score, x, y, width, height}]}`; raises InvalidAnswer.

    Scores are above 0 and up to 1. Pixels count from the top left of the image after EXIF
    rotation. A box that sticks out by ROUNDING at most is cut off at the edge.
    """
    if not isinstance(raw, Mapping):
        refuse([{"field": "boxes", "message": "Expected an object with boxes."}])
    if problems := list(foreign(raw, kind="object_detection", takes=TAKES)):
        refuse(problems)
    return Detections(read_boxes(raw.get("boxes"), labels, size=size, scored=True))


def restore(document: JsonDict) -> Detections:
    return Detections(tuple([Box(**box) for box in document["boxes"]]))


def judge(raw: object, labels: Collection[str], *, size: Size | None = None) -> Judgement:
    """Boxes as a person draws them: without scores."""
    return read_boxes(raw, labels, size=size, scored=False)


def says(answer: Answer) -> Judgement:
    """The boxes whatever their scores; a person only says that they are there."""
    assert isinstance(answer, Detections)
    return _ordered([box._replace(score=1.0) for box in answer.boxes])


def same(one: Judgement, other: Judgement) -> bool:
    """As many boxes, and each side of each within SAME_WITHIN of its partner's."""
    left, right = _drawn(one), _drawn(other)
    if len(left) != len(right):
        return False
    pairs = geometry.match(left, right, least=0.0)
    return len(pairs) == len(left) and all(
        abs(ours - theirs) <= SAME_WITHIN
        for pair in pairs
        for ours, theirs in zip(left[pair.one][1:5], right[pair.other][1:5], strict=True)
    )


def agree(one: Judgement, other: Judgement) -> bool:
    """No box is alone, and all in all they overlap well."""
    left, right = _drawn(one), _drawn(other)
    everyone_has_one = len(geometry.match(left, right)) == len(left) == len(right)
    return everyone_has_one and geometry.distance(left, right) <= AGREE_WITHIN


def distance(one: Judgement, other: Judgement) -> float:
    """See `boxes.distance`."""
    return geometry.distance(_drawn(one), _drawn(other))


def compare(one: Answer, other: Answer, *, iou: float = 0.5) -> Difference:
    """Boxes of either side without a partner of the same class; scores are not compared."""
    assert isinstance(one, Detections)
    assert isinstance(other, Detections)
    pairs = geometry.match(one.boxes, other.boxes, least=iou)
    alone = len(one.boxes) + len(other.boxes) - 2 * len(pairs)
    return Difference(labels=one.top != other.top, unmatched=alone)


def carry(answer: Answer, mapping: Mapped) -> tuple[Detections, tuple[str, ...]]:
    """Each box under its new label; the boxes of a label without successor are left out."""
    assert isinstance(answer, Detections)
    successors = {label: mapping(label) for label in answer.labels}
    kept = [
        box._replace(label=successor)
        for box in answer.boxes
        if (successor := successors[box.label]) is not None
    ]
    gone = tuple(label for label, successor in successors.items() if successor is None)
    return Detections(_ordered(kept)), gone


def read_boxes(
    raw: object, labels: Collection[str], *, size: Size | None, scored: bool
) -> tuple[Box, ...]:
    """The boxes of a predictor (`scored`) or of a person; raises InvalidAnswer."""
    if not isinstance(raw, (list, tuple)):
        refuse([{"field": "boxes", "message": "Expected a list of boxes; an empty one is valid."}])
    if len(raw) > MOST_BOXES:
        message = f"Expected at most {MOST_BOXES:,} boxes; these are {len(raw):,}."
        refuse([{"field": "boxes", "message": message}])
    frame = size or (LONGEST_SIDE, LONGEST_SIDE)
    found = [_box(each, labels, frame, scored=scored) for each in raw]
    if None in found:
        wrong = (number for number, box in enumerate(found) if box is None)
        refuse(
            {"field": f"boxes[{number}]{field}", "message": message}
            for number in wrong
            for field, message in _faults(raw[number], labels, size, scored=scored)
        )
    return _ordered(cast("list[Box]", found))


def _drawn(judgement: Judgement) -> tuple[Box, ...]:
    assert not isinstance(judgement, str)
    return judgement


def _ordered(found: Sequence[Box]) -> tuple[Box, ...]:
    return tuple(sorted(found, key=lambda box: (-box.score, *box[:5])))


def _box(raw: object, labels: Collection[str], frame: Size, *, scored: bool) -> Box | None:
    """The box, or None for whatever reason: `_faults` tells which, and takes its time."""
    if not isinstance(raw, dict) or len(raw) != 5 + scored:
        return None
    try:
        label, x, y = raw["label"], raw["x"], raw["y"]
        width, height = raw["width"], raw["height"]
        score = raw["score"] if scored else 1.0
    except KeyError:
        return None
    if not isinstance(label, str) or label not in labels:
        return None
    if not NUMBERS.issuperset(map(type, (x, y, width, height, score))) or not 0 < score <= 1:
        return None
    across, down = _cut(x, width, frame[0]), _cut(y, height, frame[1])
    if across is None or down is None:
        return None
    return Box(label, across[0], down[0], across[1], down[1], float(score))


def _cut(start: float, length: float, end: int) -> tuple[float, float] | None:
    """Start and length inside 0..end, or None; nothing is touched that already lies inside."""
    # Asked this way round, NaN is refused too; and before they are added, since JSON's integers
    # may be larger than any float.
    if not (-ROUNDING <= start <= end and THINNEST <= length <= LONGEST_SIDE):
        return None
    reach = start + length
    if reach > end + ROUNDING:
        return None
    if start < 0 or reach > end:
        start = max(start, 0.0)
        length = min(reach, end) - start
    return (float(start), float(length)) if length >= THINNEST else None


def _faults(
    raw: object, labels: Collection[str], size: Size | None, *, scored: bool
) -> Iterator[Fault]:
    expected = ("label", *(("score",) if scored else ()), *PLACE)
    if not isinstance(raw, dict) or raw.keys() != set(expected):
        yield "", f"Expected an object with exactly {', '.join(expected)}."
        return
    if not isinstance(raw["label"], str) or raw["label"] not in labels:
        yield ".label", unknown_label("", labels)["message"]
    if scored and not _is_score(raw["score"]):
        yield ".score", "Expected a number above 0 and up to 1."
    wrong = [name for name in PLACE if not _is_length(raw[name])]
    yield from (
        (f".{name}", f"Expected a number of pixels up to {LONGEST_SIDE:,}.") for name in wrong
    )
    if not wrong:
        yield from _faults_of_place(raw, size)


def _faults_of_place(raw: Mapping[str, float], size: Size | None) -> Iterator[Fault]:
    for start, length, end in (("x", "width", 0), ("y", "height", 1)):
        limit = size[end] if size else LONGEST_SIDE
        if raw[length] < THINNEST:
            yield f".{length}", f"Expected a size above 0, counted from the corner at {start}."
        elif _cut(raw[start], raw[length], limit) is None:
            image = f"the image of {size[0]} x {size[1]} pixels" if size else "the image"
            reach = f"from {raw[start]:.6g} to {raw[start] + raw[length]:.6g}"
            yield f".{start}", f"Expected a box inside {image}; this one goes {reach} in {start}."


def _is_score(value: object) -> TypeGuard[float]:
    return is_number(value, 0, 1) and value > 0


def _is_length(value: object) -> TypeGuard[float]:
    """Whether it is a number that an image could hold; NaN and infinity are none."""
    return is_number(value, -LONGEST_SIDE, LONGEST_SIDE)
