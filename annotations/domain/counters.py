"""The names of the counters that are kept: each deed adds its share, pages read sums.

Levels say how many there are now, flows how many there were on a day of the project's site.
"""

from __future__ import annotations

from annotations.domain.states import EntryState

ITEMS = "items"
IMPORTED = "imported"
PREDICTIONS = "predictions"
ACCEPTED = "accepted"
QUEUED = "queued"
AUDITED = "audited"
ENTERED = "entered"
GOLD = "gold"
REVIEWS = "reviews"
CORRECTIONS = "corrections"
REVIEW_MS = "review_ms"


def state(of: EntryState | str) -> str:
    """Level: entries in a state, gold apart."""
    return f"state:{of}"


LEVELS = tuple(state(each) for each in EntryState)


def answers_of(reviewer_id: int) -> str:
    """Flow: effective answers of one person, skips left out."""
    return f"{REVIEWS}:{reviewer_id}"
