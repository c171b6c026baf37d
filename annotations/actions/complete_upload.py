from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from annotations.actions.upload_image import upload_image
from annotations.errors import (
    ImageMissing,
    StorageUnavailable,
    UnknownUpload,
    UploadExpired,
    UploadMissing,
)
from annotations.media.incoming import forget, read
from annotations.models import DirectUpload, Project, StoredImage
from reviewhub.common.actor import Actor

logger = structlog.get_logger(__name__)


def complete_upload(
    *, project: Project, upload_uid: UUID, actor: Actor, now: datetime
) -> StoredImage:
    """Make an image of what was handed in; again, and the answer is the same image.

    The file is decoded and re-encoded outside any transaction, and deleted once the image is there.
    What was handed in in time may be completed until the sweep comes for it. Raises UnknownUpload,
    UploadMissing, UploadExpired, and what `upload_image` raises for what is no image.
    """
    upload = _upload(project, upload_uid)
    if upload.image is not None:
        return upload.image
    try:
        data = read(upload.storage_key, most_bytes=upload.max_bytes)
    except ImageMissing as error:
        # A call at the same time may have been faster, and have deleted the file.
        image = _upload(project, upload_uid).image
        if image is None:
            raise (UploadExpired if upload.expires_at <= now else UploadMissing)() from error
        return image
    image = upload_image(project=project, data=data, actor=actor, now=now)
    DirectUpload.objects.filter(pk=upload.pk).update(image=image)
    _forget(upload)
    return image


def _upload(project: Project, uid: UUID) -> DirectUpload:
    upload = project.direct_uploads.select_related("image").filter(uid=uid).first()
    if upload is None:
        raise UnknownUpload(upload=str(uid))
    return upload


def _forget(upload: DirectUpload) -> None:
    try:
        forget(upload.storage_key)
    except StorageUnavailable:
        # The sweep comes for it.
        logger.warning("upload_left_behind", key=upload.storage_key)
