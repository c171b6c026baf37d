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
INFLUENCE = "influence"
"""Flow: influence of what was routed, in whole millionths."""
LAPSED = "lapsed"
"""Flow: entries whose audit nobody answered in time."""
LOST_AUDITS = "lost_audits"
"""Flow: items drawn for audit that people had seen or settled before: nobody can answer blind."""
ENTERED = "entered"
GOLD = "gold"
"""Flow: known items that people judged in a grid, unseen among entries; no answer, no entry."""
REVIEWS = "reviews"
CORRECTIONS = "corrections"
REVIEW_MS = "review_ms"
ANSWERS_SHOWN = "answers_shown"
AGREE_SHOWN = "agree_shown"
ANSWERS_BLIND = "answers_blind"
AGREE_BLIND = "agree_blind"
ANCHORING = (ANSWERS_SHOWN, AGREE_SHOWN, ANSWERS_BLIND, AGREE_BLIND)
"""Flows: judgements given one item at a time, and those that repeat the prediction, by whether it
was shown. Audits are left out: they are drawn from other predictions, so they compare with none."""


APPROVED_LABELS = "level:approved_labels"
"""Level: approved entries, gold apart, whose answer is not that the item is unusable."""
OFFERED_LABELS = "level:offered_labels"
"""Level: what the one above was when a training run began last."""


def state(of: EntryState | str) -> str:
    """Level: entries in a state, gold apart."""
    return f"state:{of}"


LEVELS = tuple(state(each) for each in EntryState)


def answers_of(reviewer_id: int) -> str:
    """Flow: effective answers of one person, skips left out."""
    return f"{REVIEWS}:{reviewer_id}"
