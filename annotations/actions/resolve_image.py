from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from annotations.actions.upload_image import upload_image
from annotations.errors import ContentOfAnotherKind, UnknownImage
from annotations.models import Project, ProjectKind
from reviewhub.common.actor import Actor


class KnownImage(NamedTuple):
    """As much of a stored image as intake asks of it: a batch names up to a thousand."""

    pk: int
    uid: UUID
    sha256: str
    width: int
    height: int


def uploaded_images(project: Project, named: Iterable[object]) -> Mapping[UUID, KnownImage]:
    """Those of the project whose uids are among `named`; one query, or none."""
    uids = {each for each in named if isinstance(each, UUID)}
    if not uids:
        return {}
    found = project.images.filter(uid__in=uids).values_list(*KnownImage._fields)
    return {row[1]: KnownImage(*row) for row in found}


def refuse_other_content(project: Project, *, image: UUID | bytes | None, text: str | None) -> None:
    """Raise ContentOfAnotherKind for a text where images are judged, and the reverse."""
    of_texts = project.kind == ProjectKind.TEXT_CLASSIFICATION
    if of_texts and image is not None:
        problem = {"field": "image", "message": "this project judges texts"}
    elif not of_texts and text is not None:
        problem = {"field": "text", "message": "this project judges images"}
    else:
        return
    raise ContentOfAnotherKind(errors=[problem])


def resolve_image(
    project: Project,
    actor: Actor,
    image: UUID | bytes | None,
    uploaded: Mapping[UUID, KnownImage],
    now: datetime,
) -> KnownImage | None:
    """The stored image that a client meant: sent along, uploaded before, or none.

    Raises UnknownImage for a uid outside `uploaded`, and what `upload_image` raises for bytes
    that are not an acceptable image.
    """
    if image is None:
        return None
    if isinstance(image, bytes):
        stored = upload_image(project=project, data=image, actor=actor, now=now)
        return KnownImage(stored.pk, stored.uid, stored.sha256, stored.width, stored.height)
    if image not in uploaded:
        raise UnknownImage(image=str(image))
    return uploaded[image]
