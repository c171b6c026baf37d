"""The names of the counters that are kept: each deed adds its share, pages read sums."""

from __future__ import annotations

from annotations.domain.states import EntryState

REVIEWS = "reviews"
CORRECTIONS = "corrections"
REVIEW_MS = "review_ms"
ENTERED = "entered"
APPROVED = "approved"


def state(of: EntryState | str) -> str:
    """Entries that are in a state now; gold is counted apart."""
    return f"state:{of}"


def answers_of(reviewer_id: int) -> str:
    """Effective answers of one person, skips left out."""
    return f"reviews:{reviewer_id}"
