from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from annotations.actions.upload_image import upload_image
from annotations.errors import UnknownImage
from annotations.models import Project, StoredImage
from reviewhub.common.actor import Actor


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
