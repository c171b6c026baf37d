"""What the prediction that brought an item into the queue says, in the words of its entry."""

from __future__ import annotations

from functools import partial

from annotations.domain.boxes import Box
from annotations.domain.kinds import KINDS, Judgement, object_detection
from annotations.domain.labels import carry
from annotations.models import QueueEntry, Taxonomy


def predicted_judgement(entry: QueueEntry) -> Judgement | None:
    """What a person would have to say to confirm; None where the entry's taxonomy cannot say it.

    No query for labels: the entry keeps the key. Boxes are read from the prediction; one whose
    label has no successor leaves nothing that could be confirmed as a whole.
    """
    if KINDS[entry.project.kind].judged_by == "label":
        return entry.predicted_key or None
    boxes, gone = predicted_boxes(entry)
    return None if gone else tuple([box._replace(score=1.0) for box in boxes])


def agrees_with_prediction(entry: QueueEntry, judgement: Judgement | None) -> bool:
    """Whether two people who said this and what was predicted would count as agreeing.

    The same measure for whoever saw the prediction and for whoever did not, so that they compare.
    """
    predicted = predicted_judgement(entry)
    if judgement is None or predicted is None:
        return False
    return KINDS[entry.project.kind].agree(judgement, predicted)


def predicted_boxes(entry: QueueEntry) -> tuple[tuple[Box, ...], tuple[str, ...]]:
    """Boxes with scores by falling score, and the labels of those that had to be left out."""
    prediction = entry.prediction
    answer = object_detection.restore(prediction.answer)
    gone: tuple[str, ...] = ()
    in_its_words = prediction.predictor.taxonomy_id == entry.taxonomy_id
    if prediction.taxonomy_number is not None or not in_its_words:
        later = Taxonomy.objects.filter(
            project=entry.project_id,
            number__gt=prediction.spoken,
            number__lte=entry.taxonomy.number,
        )
        mappings = list(later.order_by("number").values_list("mapping", flat=True))
        known = {label.key for label in entry.taxonomy.labels.all()}
        answer, gone = object_detection.carry(
            answer, partial(carry, mappings=mappings, known=known)
        )
    return answer.boxes, gone
