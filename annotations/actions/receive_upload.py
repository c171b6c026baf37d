from __future__ import annotations

from datetime import datetime
from typing import IO

from annotations.errors import UploadExpired, UploadRefused, UploadUsed
from annotations.media.incoming import check_policy, receive
from annotations.models import DirectUpload


def receive_upload(
    *, upload: DirectUpload, key: str, policy: str, file: IO[bytes], now: datetime
) -> None:
    """Keep the file that a stranger has posted under a policy of ours: once, and unread.

    Raises UploadRefused, UploadExpired, UploadUsed, StorageUnavailable.
    """
    if key != upload.storage_key:
        raise UploadRefused
    check_policy(key, policy)
    if upload.expires_at <= now:
        raise UploadExpired
    if upload.image_id is not None:
        raise UploadUsed
    receive(key, file)
