from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from annotations.models import Annotation, Project
from annotations.queries.marks import media_url


@dataclass(frozen=True)
class Picture:
    """An item as a small picture with a link; `thumb_url` is empty when it has been erased."""

    item_uid: UUID
    external_id: str
    thumb_url: str


def pictures_of(project: Project, annotation_ids: Collection[int]) -> dict[int, Picture]:
    """The pictures that annotations are about, by annotation; one query."""
    rows = Annotation.objects.filter(pk__in=annotation_ids, item__project=project)
    return {
        row.pk: Picture(
            row.item.uid, row.item.external_id, media_url(project, row.item, "thumbnail")
        )
        for row in rows.select_related("item__content__image")
    }
