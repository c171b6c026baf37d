from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from annotations.domain.folds import fold_of
from annotations.errors import ItemContentConflict, ItemContentMissing
from annotations.models import Item, ItemContent, Project, StoredImage
from reviewhub.common.errors import JsonDict, ReviewHubError


@dataclass(frozen=True)
class ItemSpec:
    """An item as a door names it; `image` is None when the item should exist already."""

    external_id: str
    image: StoredImage | None
    source_group: str = ""
    metadata: JsonDict = field(default_factory=dict)


def enter_items(
    *, project: Project, specs: Sequence[ItemSpec], now: datetime
) -> dict[str, Item | ReviewHubError]:
    """Find or create the item of each external id, in the caller's transaction.

    An item that exists is never changed: other content under its external id is an
    ItemContentConflict, and no content for an unknown one an ItemContentMissing. Rows are
    inserted in the order of external ids, so that two batches at once cannot deadlock; the loser
    of a race reads the winner's row.
    """
    by_id = {spec.external_id: spec for spec in reversed(specs)}
    known = _existing(project, by_id)
    missing = [by_id[key] for key in sorted(by_id) if key not in known and by_id[key].image]
    if missing:
        _insert(project, missing, now)
        known |= _existing(project, [spec.external_id for spec in missing])
    return {key: _verdict(spec, known.get(key)) for key, spec in by_id.items()}


def _existing(project: Project, external_ids: Iterable[str]) -> dict[str, Item]:
    found = Item.objects.filter(project=project, external_id__in=list(external_ids))
    return {item.external_id: item for item in found}


def _insert(project: Project, specs: Sequence[ItemSpec], now: datetime) -> None:
    mine = {spec.external_id: _new_item(project, spec, now) for spec in specs}
    Item.objects.bulk_create(mine.values(), ignore_conflicts=True)
    stored: Mapping[str, Item] = _existing(project, mine)
    # Only rows whose uid is ours were inserted by us; the others came from a batch that won.
    ItemContent.objects.bulk_create(
        ItemContent(item=stored[spec.external_id], image=spec.image, metadata=spec.metadata)
        for spec in specs
        if stored[spec.external_id].uid == mine[spec.external_id].uid
    )


def _new_item(project: Project, spec: ItemSpec, now: datetime) -> Item:
    group = spec.source_group or spec.external_id
    fold = fold_of(settings.REVIEWHUB_DRAW_KEY, project=str(project.uid), group=group)
    return Item(
        project=project,
        external_id=spec.external_id,
        source_group=spec.source_group,
        fold=fold,
        content_digest=spec.image.sha256 if spec.image else "",
        received_at=now,
    )


def _verdict(spec: ItemSpec, item: Item | None) -> Item | ReviewHubError:
    if item is None:
        return ItemContentMissing(external_id=spec.external_id)
    if spec.image is not None and spec.image.sha256 != item.content_digest:
        return ItemContentConflict(external_id=spec.external_id)
    return item
