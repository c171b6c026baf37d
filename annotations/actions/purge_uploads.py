from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from annotations.errors import StorageUnavailable
from annotations.media.incoming import forget
from annotations.models import DirectUpload

GRACE = timedelta(hours=1)
"""What was handed in at the last moment may be completed this much later."""

AT_ONCE = 500

logger = structlog.get_logger(__name__)


def purge_uploads(*, now: datetime) -> int:
    """Delete files that were handed in and never made images, and their promises; how many.

    The file goes before the row that names it. A storage that is down is tried again next time.
    """
    over = DirectUpload.objects.filter(expires_at__lt=now - GRACE).order_by("expires_at")
    purged = 0
    for upload in over[:AT_ONCE]:
        try:
            forget(upload.storage_key)
        except StorageUnavailable:
            logger.warning("uploads_not_purged", left=over.count())
            break
        upload.delete()
        purged += 1
    return purged
