"""When to try again: the schedule of Standard Webhooks, with jitter."""

from __future__ import annotations

from datetime import datetime, timedelta

_HOUR = 3600.0
# Seconds from one attempt to the next; three days in all.
WAITS = (0.0, 5.0, 300.0, 1800.0, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
LONGEST = timedelta(hours=24)
_SPREAD = 0.1


def next_attempt_at(
    *, attempts: int, ended: datetime, retry_after: timedelta | None, jitter: float
) -> datetime | None:
    """The time of the next attempt after `attempts` have failed, or None when that was the last.

    `jitter` in [0, 1) stretches the wait by up to a tenth, so that clients that failed together
    do not come back together. The receiver's Retry-After is honoured up to a day.
    """
    if attempts >= len(WAITS):
        return None
    wait = timedelta(seconds=WAITS[attempts] * (1 + _SPREAD * jitter))
    return ended + max(wait, min(retry_after or timedelta(), LONGEST))
