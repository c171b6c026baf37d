from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from annotations.actions.resolve_image import KnownImage
from annotations.domain.folds import fold_of
from annotations.errors import ItemContentConflict, ItemContentMissing
from annotations.models import Item, ItemContent, Project
from reviewhub.common.bulk import insert
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.ids import uuid7s


class ItemSpec(NamedTuple):
    """An item as a door names it; it has an image or a text, or neither if it should exist.

    `digest` is the SHA-256 of the content, in hex, as `digest_of` gives it.
    """

    external_id: str
    digest: str
    image: KnownImage | None = None
    text: str | None = None
    source_group: str = ""
    metadata: Mapping[str, Any] = {}
    slices: Mapping[str, Any] = {}
    captured_at: datetime | None = None


class EnteredItem(NamedTuple):
    """An item that stands; `is_new` when this call has made it.

    `slices` and `metadata` are those it was first sent with: what a later mention says of them
    changes nothing. The metadata of an item that was there before are not read: see `ItemContent`.
    """

    id: int
    uid: UUID
    external_id: str
    fold: str
    content_digest: str
    slices: Mapping[str, Any]
    metadata: Mapping[str, Any] = {}
    is_new: bool = False


def digest_of(image: KnownImage | None, text: str | None) -> str:
    """By which an item's content is known again; empty where none was named."""
    if image is not None:
        return image.sha256
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()


def enter_items(
    *, project: Project, specs: Sequence[ItemSpec], now: datetime
) -> dict[str, EnteredItem | ReviewHubError]:
    """Find or create the item of each external id, in the caller's transaction.

    An item that exists is never changed: other content under its external id is an
    ItemContentConflict, and no content for an unknown one an ItemContentMissing. Of several
    mentions of a new item the first with content makes it; `item_for` judges each mention. Rows
    are inserted in the order of external ids, so that two batches at once cannot deadlock; the
    loser of a race reads the winner's row. A text that cannot be encoded never comes this far.
    """
    by_id = {spec.external_id: spec for spec in reversed(specs) if spec.digest}
    entered = _insert(project, [by_id[key] for key in sorted(by_id)], now)
    named = {spec.external_id for spec in specs}
    known = entered | _existing(project, named - entered.keys())
    return {key: known.get(key) or ItemContentMissing(external_id=key) for key in named}


def item_for(
    spec: ItemSpec, items: Mapping[str, EnteredItem | ReviewHubError]
) -> EnteredItem | ReviewHubError:
    """The item of one mention, or why it cannot be had; one bad mention spoils no other."""
    item = items[spec.external_id]
    if isinstance(item, EnteredItem) and spec.digest not in ("", item.content_digest):
        return ItemContentConflict(external_id=spec.external_id)
    return item


def _insert(project: Project, specs: Sequence[ItemSpec], now: datetime) -> dict[str, EnteredItem]:
    """Insert first and look at what came back: what is sent the first time is the common case."""
    key, name = settings.REVIEWHUB_DRAW_KEY, str(project.uid)
    rows: list[dict[str, Any]] = [
        {
            "uid": uid,
            "external_id": spec.external_id,
            "source_group": spec.source_group,
            "fold": fold_of(key, project=name, group=spec.source_group or spec.external_id),
            "content_digest": spec.digest,
            "slices": spec.slices,
            "captured_at": spec.captured_at,
        }
        for spec, uid in zip(specs, uuid7s(len(specs)), strict=True)
    ]
    ids = insert(
        Item,
        rows,
        constants={"project_id": project.pk, "received_at": now},
        ignore_conflicts=True,
        returning=("external_id", "id"),
    )
    mine = dict(ids)
    contents = [
        {
            "item_id": mine[spec.external_id],
            "image_id": spec.image.pk if spec.image else None,
            "text": spec.text,
            "metadata": spec.metadata,
        }
        for spec in specs
        if spec.external_id in mine
    ]
    insert(ItemContent, contents)
    return {
        row["external_id"]: EnteredItem(
            id=mine[row["external_id"]],
            uid=row["uid"],
            external_id=row["external_id"],
            fold=row["fold"],
            content_digest=row["content_digest"],
            slices=row["slices"],
            metadata=spec.metadata,
            is_new=True,
        )
        for row, spec in zip(rows, specs, strict=True)
        if row["external_id"] in mine
    }


def _existing(project: Project, external_ids: Iterable[str]) -> dict[str, EnteredItem]:
    wanted = list(external_ids)
    if not wanted:
        return {}
    found = Item.objects.filter(project=project, external_id__in=wanted).values_list(
        "pk", "uid", "external_id", "fold", "content_digest", "slices"
    )
    return {row[2]: EnteredItem(*row) for row in found}
