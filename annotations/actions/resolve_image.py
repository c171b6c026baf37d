from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from annotations.actions.upload_image import upload_image
from annotations.errors import ContentOfAnotherKind, UnknownImage
from annotations.models import Project, ProjectKind
from reviewhub.common.actor import Actor
from reviewhub.common.statements import Statement


class KnownImage(NamedTuple):
    """As much of a stored image as intake asks of it: a batch names up to a thousand."""

    pk: int
    uid: UUID
    sha256: str
    width: int
    height: int


_COLUMNS = """
    SELECT image.id, image.uid, image.sha256, image.width, image.height
    FROM annotations_storedimage image
"""
_UPLOADED = {
    "postgresql": Statement(
        f"""
        {_COLUMNS} JOIN json_array_elements_text(%(uids)s::json) named(uid)
            ON image.uid = named.uid::uuid
        WHERE image.project_id = %(project)s
        """,
        KnownImage,
    ),
    "sqlite": Statement(
        f"""
        {_COLUMNS} JOIN json_each(%(uids)s) named ON image.uid = named.value
        WHERE image.project_id = %(project)s
        """,
        KnownImage,
    ),
}


def uploaded_images(project: Project, named: Iterable[object]) -> Mapping[UUID, KnownImage]:
    """Those of the project whose uids are among `named`; one query, or none."""
    uids = {each for each in named if isinstance(each, UUID)}
    if not uids:
        return {}
    named_uids = json.dumps([each.hex for each in uids])
    found = _UPLOADED[connection.vendor].all(project=project.pk, uids=named_uids)
    return {image.uid: image for image in found}


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
