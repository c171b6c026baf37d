"""What people found in audits: the only answers that estimates may stand on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from annotations.domain.responses import Response, response_in, response_to
from annotations.models import Annotation, Outcome, QueueEntry, Route
from annotations.queries.vocabularies import Vocabularies


class AuditAnswer(NamedTuple):
    """With which probability a prediction was drawn, what came of it, and the labels that were
    found blind: None where it has no answer, or none in the words in force."""

    probability: float
    response: Response
    labels: frozenset[str] | None


class _Entry(NamedTuple):
    pk: int
    item_id: int
    state: str
    lapses_at: datetime | None
    lapsed_at: datetime | None


def audit_answers(items: Mapping[int, int], vocabularies: Vocabularies) -> dict[int, AuditAnswer]:
    """By prediction, of those drawn for audit; `items` by prediction. Three queries at any number.

    An answer is that of the audit's own entry. What was imported of an item, said of it with the
    prediction on the screen, or given too late, was not found by the draw.
    """
    drawn = list(
        Route.objects.filter(prediction__in=items, sequence=1, audited=True).values_list(
            "prediction", "inclusion_probability", "created_at"
        )
    )
    entries = _entries({items[prediction] for prediction, _, _ in drawn})
    found = _found([each.pk for of_item in entries.values() for each in of_item], vocabularies)
    answers = {}
    for prediction, probability, drawn_at in drawn:
        own = entries[items[prediction]]
        labels = [
            found.get(each.pk)
            for each in own
            if response_in(each, drawn_at=drawn_at) == Response.ANSWERED
        ]
        answers[prediction] = AuditAnswer(
            probability, response_to(own, drawn_at=drawn_at), labels[-1] if labels else None
        )
    return answers


def _entries(items: Iterable[int]) -> defaultdict[int, list[_Entry]]:
    """Audited entries by item; the one under the newest taxonomy is the last."""
    rows = QueueEntry.objects.filter(item__in=items, audited=True).order_by("taxonomy__number")
    by_item: defaultdict[int, list[_Entry]] = defaultdict(list)
    for row in rows.values_list(*_Entry._fields):
        by_item[row[1]].append(_Entry(*row))
    return by_item


def _found(entries: Iterable[int], vocabularies: Vocabularies) -> dict[int, frozenset[str] | None]:
    """By entry, what its current annotation says."""
    rows = Annotation.objects.filter(entry__in=entries).order_by("number")
    found = rows.select_related("taxonomy")
    return {row.entry_id: _labels(row, vocabularies) for row in found if row.entry_id}


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
