from __future__ import annotations

from collections.abc import Collection

from annotations.domain.kinds import KINDS, Judgement
from annotations.domain.kinds.answers import Size
from annotations.errors import InvalidAnswer
from annotations.models import Project, QueueEntry, StoredImage
from annotations.queries.predicted import predicted_judgement


def read_judgement(entry: QueueEntry, *, label_key: str = "", boxes: object = None) -> Judgement:
    """Check what a person says of an entry's item against its taxonomy and its image.

    `boxes` is a list of {label, x, y, width, height} in pixels, None where a label is meant.
    Raises UnknownLabel or InvalidAnswer, the latter also for the answer of another kind of work.
    """
    labels = [label.key for label in entry.taxonomy.labels.all()]
    size = None if boxes is None else _size_of(entry)
    return judge(entry.project, labels, label_key=label_key, boxes=boxes, size=size)


def judge(
    project: Project, labels: Collection[str], *, label_key: str, boxes: object, size: Size | None
) -> Judgement:
    """The same of an item without an entry."""
    kind = KINDS[project.kind]
    given = "label" if boxes is None else "boxes"
    if given != kind.judged_by:
        message = f"{project.kind} is answered by {kind.judged_by}."
        raise InvalidAnswer(errors=[{"field": given, "message": message}])
    return kind.judge(label_key if boxes is None else boxes, labels, size=size)


def repeats_prediction(entry: QueueEntry, judgement: Judgement | None) -> bool:
    """Whether a judgement says what the prediction had said.

    Whoever saw the prediction must have kept it, up to rounding. Blind, nobody can repeat boxes to
    the pixel: there it is enough to have seen the same.
    """
    kind, predicted = KINDS[entry.project.kind], predicted_judgement(entry)
    if judgement is None or predicted is None:
        return False
    return (kind.agree if entry.blind else kind.same)(judgement, predicted)


def _size_of(entry: QueueEntry) -> Size | None:
    images = StoredImage.objects.filter(contents__item=entry.item_id)
    return images.values_list("width", "height").first()
