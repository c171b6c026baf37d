"""Work of several parts in which one that fails must not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from celery.exceptions import SoftTimeLimitExceeded

logger = structlog.get_logger(__name__)


def separately(work: Mapping[str, Callable[[], int]]) -> dict[str, int]:
    """Do each part, whatever another dies of; what each returned.

    Those that failed are logged by name, and when all have had their turn an ExceptionGroup tells
    the caller. The end of a task's time is no failure of a part, and ends all at once.
    """
    told: dict[str, int] = {}
    failed: dict[str, Exception] = {}
    for name, part in work.items():
        try:
            told[name] = part()
        except SoftTimeLimitExceeded:
            raise
        except Exception as failure:
            logger.error("part_failed", part=name, exc_info=failure)
            failed[name] = failure
    if failed:
        raise ExceptionGroup(f"failed: {', '.join(failed)}", list(failed.values()))
    return told
