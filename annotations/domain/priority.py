"""In which order people see what waits."""

from __future__ import annotations

from datetime import datetime, timedelta

BLIND_PATIENCE = timedelta(hours=1)
"""An audit that nobody answers is missing from every estimate, so audits go first. Whatever else
is shown blind goes with them: were audits alone ahead, their place in the queue would betray them.
"""

AUDIT_DUE = timedelta(days=3)
"""After this an unanswered audit is non-response: a weekend passes, a forgotten one is told."""

LEAST_PATIENCE = timedelta(hours=4)
MOST_PATIENCE = timedelta(hours=24)

USUAL_SECONDS = 12.0
USUAL_HOURLY_COST = 30.0


def virtual_deadline(
    *,
    received: datetime,
    blind: bool,
    expected_cost: float = 0.0,
    seconds_per_review: float = USUAL_SECONDS,
    hourly_cost: float = USUAL_HOURLY_COST,
    due: datetime | None = None,
) -> float:
    """When an entry should have been seen, in epoch seconds; the smallest is served first.

    Patience falls with the cost avoided per minute of review: 24 h where there is nothing to
    avoid, 14 h where a minute saves what it costs, towards 4 h where it saves many times that.
    What is shown blind, audits among it, has a lane of its own, 1 h. A due time shortens either,
    never below the moment of arrival.

    The key never changes, so the queue is one index; and nothing starves: whatever is due, an
    entry can be overtaken only by what arrives within a day after it. `received` and `due` must
    carry their time zone.
    """
    if received.tzinfo is None or (due is not None and due.tzinfo is None):
        raise ValueError("times must be aware: a naive one means another moment elsewhere")
    patience = BLIND_PATIENCE
    if not blind:
        patience = _patience(expected_cost / (seconds_per_review / 60), hourly_cost / 60)
    deadline = received + patience
    return (deadline if due is None else max(received, min(deadline, due))).timestamp()


def _patience(avoided: float, spent: float) -> timedelta:
    """Both in money per minute; where review costs nothing, any cost avoided counts fully."""
    worth = avoided / (avoided + spent) if avoided > 0 else 0.0
    return MOST_PATIENCE - (MOST_PATIENCE - LEAST_PATIENCE) * worth
