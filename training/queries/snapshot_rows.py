from __future__ import annotations

from dataclasses import dataclass

from training.models import DatasetSnapshot


@dataclass(frozen=True)
class SnapshotRow:
    """One member of a snapshot, as learning needs it."""

    item_id: int
    label_key: str
    fold: str
    recent: bool


def snapshot_rows(snapshot: DatasetSnapshot) -> list[SnapshotRow]:
    """The members in the order of their annotations; one query."""
    members = snapshot.members.order_by("annotation_id").values_list(
        "annotation__item_id", "annotation__label_key", "fold", "recent"
    )
    return [SnapshotRow(*member) for member in members]
