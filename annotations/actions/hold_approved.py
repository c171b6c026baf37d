from __future__ import annotations

from collections.abc import Collection

from annotations.models import Annotation, QueueEntry
from annotations.queries.learning import STANDS

AT_ONCE = 1000


def hold_approved(*, annotation_ids: Collection[int]) -> set[int]:
    """Which of these annotations still stand; those cannot be taken back until the commit.

    Whoever takes an answer back locks its entry first and then asks who has used it. So a user of
    annotations holds the entries, looks again, and writes down what it uses. Entries are locked in
    the order of their ids, as everywhere where several are. Call it inside a transaction.
    """
    ordered = sorted(annotation_ids)
    for at in range(0, len(ordered), AT_ONCE):
        part = ordered[at : at + AT_ONCE]
        entries = QueueEntry.objects.filter(annotations__in=part).order_by("pk")
        list(entries.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    return {pk for at in range(0, len(ordered), AT_ONCE) for pk in _standing(ordered, at)}


def _standing(ordered: list[int], at: int) -> list[int]:
    rows = Annotation.objects.filter(STANDS, pk__in=ordered[at : at + AT_ONCE])
    return list(rows.values_list("pk", flat=True))
