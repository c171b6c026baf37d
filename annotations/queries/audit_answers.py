"""What people found in audits: the only answers that estimates may stand on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from annotations.models import Annotation, Outcome, QueueEntry, Route
from annotations.queries.vocabularies import Vocabularies


class AuditAnswer(NamedTuple):
    """With which probability a prediction was drawn, and the labels that were found blind."""

    probability: float
    labels: frozenset[str]


def audit_answers(items: Mapping[int, int], vocabularies: Vocabularies) -> dict[int, AuditAnswer]:
    """By prediction, of those drawn for audit and answered blind; `items` by prediction.

    Three queries at any number.
    """
    drawn = dict(
        Route.objects.filter(prediction__in=items, sequence=1, audited=True).values_list(
            "prediction", "inclusion_probability"
        )
    )
    of = {items[prediction] for prediction in drawn}
    entries = set(
        QueueEntry.objects.filter(item__in=of, audited=True).values_list("item", "taxonomy")
    )
    found = Annotation.objects.filter(item__in=of).order_by("item", "taxonomy__number", "number")
    truths: dict[int, frozenset[str] | None] = {}
    for annotation in found.select_related("taxonomy"):
        if (annotation.item_id, annotation.taxonomy_id) in entries:
            truths[annotation.item_id] = _labels(annotation, vocabularies)
    return {
        prediction: AuditAnswer(probability, truth)
        for prediction, probability in drawn.items()
        if (truth := truths.get(items[prediction])) is not None
    }


def _labels(annotation: Annotation, vocabularies: Vocabularies) -> frozenset[str] | None:
    """What people found, in the words in force; None where it cannot be said in them."""
    if annotation.outcome != Outcome.LABEL:
        return None
    boxes = (annotation.answer or {}).get("boxes")
    keys = [annotation.label_key] if boxes is None else [box["label"] for box in boxes]
    carrier = vocabularies.carrier(annotation.taxonomy.number)
    carried = [carrier(key) if carrier else key for key in keys]
    if None in carried:
        return None
    return frozenset(key for key in carried if key is not None) or frozenset([""])
