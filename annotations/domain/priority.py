"""In which order people see what waits."""

from __future__ import annotations

from datetime import datetime, timedelta

AUDIT_PATIENCE = timedelta(hours=1)
"""An audit that nobody answers is missing from every estimate, so audits go first."""

LEAST_PATIENCE = timedelta(hours=4)
MOST_PATIENCE = timedelta(hours=24)


def virtual_deadline(*, received: datetime, audited: bool, confidence: float) -> float:
    """When an entry should have been seen, in epoch seconds; the smallest is served first.

    Patience is 1 h for an audit, otherwise 4 h (confidence 0) to 24 h (confidence 1). The key
    never changes, so the queue is one index; and nothing starves: an entry can be overtaken only
    by what arrives within a day after it. `received` must carry its time zone.
    """
    if received.tzinfo is None:
        raise ValueError("received must be aware: a naive time means another moment elsewhere")
    ranged = LEAST_PATIENCE + (MOST_PATIENCE - LEAST_PATIENCE) * confidence
    return (received + (AUDIT_PATIENCE if audited else ranged)).timestamp()
