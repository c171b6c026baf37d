from __future__ import annotations

from dataclasses import dataclass

from annotations.queries.learning import label_carriers
from training.models import DatasetSnapshot


@dataclass(frozen=True)
class SnapshotRow:
    """One member of a snapshot, as learning needs it; the label as its taxonomy calls it."""

    item_id: int
    label_key: str
    fold: str
    recent: bool


def snapshot_rows(snapshot: DatasetSnapshot) -> list[SnapshotRow]:
    """The members in the order of their annotations; three queries."""
    carriers = label_carriers(snapshot.project_id, snapshot.taxonomy_id)
    members = snapshot.members.order_by("annotation_id").values_list(
        "annotation__item_id",
        "annotation__taxonomy_id",
        "annotation__label_key",
        "fold",
        "recent",
    )
    return [
        SnapshotRow(item_id, label, fold, recent)
        for item_id, taxonomy_id, key, fold, recent in members
        if (label := carriers[taxonomy_id](key)) is not None
    ]
