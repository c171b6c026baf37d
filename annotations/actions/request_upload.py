from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from annotations.media.incoming import UploadForm, form_for
from annotations.models import DirectUpload, Project
from reviewhub.common.ids import uuid7

OPEN_FOR = timedelta(minutes=15)


def request_upload(
    *, project: Project, our_door: Callable[[UUID], str], now: datetime
) -> tuple[DirectUpload, UploadForm]:
    """A promise to take one image straight into storage, and the form to hand it in with.

    `our_door` gives the address of our own door, for a storage that has none. Nothing is audited
    before there is an image. Raises StorageUnavailable.
    """
    uid = uuid7()
    key = f"{project.uid}/{uid}"
    most = settings.REVIEWHUB_MAX_IMAGE_BYTES
    form = form_for(
        key, our_door=our_door(uid), max_bytes=most, seconds=int(OPEN_FOR.total_seconds())
    )
    upload = DirectUpload.objects.create(
        uid=uid,
        project=project,
        storage_key=key,
        max_bytes=most,
        created_at=now,
        expires_at=now + OPEN_FOR,
    )
    return upload, form
