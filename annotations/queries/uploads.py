"""Uploads that were promised."""

from __future__ import annotations

from uuid import UUID

from annotations.errors import UnknownUpload
from annotations.models import DirectUpload


def upload_at_door(slug: str, uid: UUID) -> DirectUpload:
    """The promise behind an address of our own door; UnknownUpload."""
    upload = DirectUpload.objects.filter(project__slug=slug, uid=uid).first()
    if upload is None:
        raise UnknownUpload(upload=str(uid))
    return upload
