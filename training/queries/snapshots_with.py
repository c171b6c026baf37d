from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Min

from training.models import DatasetSnapshot


@dataclass(frozen=True)
class FrozenIn:
    """A data set that holds an annotation, and the first run that froze it."""

    digest: str
    run_number: int | None


def snapshots_with(annotation_ids: Collection[int]) -> list[FrozenIn]:
    """The data sets that hold any of the annotations, oldest first; one query."""
    found = DatasetSnapshot.objects.filter(members__annotation__in=annotation_ids).distinct()
    rows = found.annotate(first_run=Min("runs__number")).order_by("created_at", "pk")
    return [FrozenIn(*row) for row in rows.values_list("digest", "first_run")]
