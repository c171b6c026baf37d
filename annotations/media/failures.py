from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from annotations.errors import ImageMissing, StorageUnavailable
from reviewhub.common.errors import ReviewHubError

logger = logging.getLogger(__name__)

STORAGE_BACK_IN = 10
"""Seconds after which it is worth another try."""


@contextmanager
def named_failures(doing: str, key: str) -> Iterator[None]:
    """Name what a storage can do to us; its backends share no class of errors."""
    try:
        yield
    except FileNotFoundError as error:
        raise ImageMissing() from error
    except ReviewHubError:
        raise
    except Exception as error:
        logger.exception("image storage failed to %s %s", doing, key)
        raise StorageUnavailable(retry_after=STORAGE_BACK_IN) from error
