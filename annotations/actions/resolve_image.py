from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from annotations.actions.upload_image import upload_image
from annotations.errors import ContentOfAnotherKind, UnknownImage
from annotations.models import Project, ProjectKind, StoredImage
from reviewhub.common.actor import Actor


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
    uploaded: Mapping[UUID, StoredImage],
    now: datetime,
) -> StoredImage | None:
    """The stored image that a client meant: sent along, uploaded before, or none.

    Raises UnknownImage for a uid outside `uploaded`, and what `upload_image` raises for bytes
    that are not an acceptable image.
    """
    if image is None:
        return None
    if isinstance(image, bytes):
        return upload_image(project=project, data=image, actor=actor, now=now)
    if image not in uploaded:
        raise UnknownImage(image=str(image))
    return uploaded[image]
