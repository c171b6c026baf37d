"""The life of a queue entry: its state is the next action needed, exactly one.

Approved is left only by a person who takes back or re-opens an answer of their own: what was
learned from stays what it was, and the item is judged anew. Withdrawn is final once anybody has
answered, or where a lead has decided it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from annotations.errors import InvalidTransition


class EntryState(StrEnum):
    AWAITING_CAPACITY = "awaiting_capacity"
    AWAITING_REVIEW = "awaiting_review"
    AWAITING_ADJUDICATION = "awaiting_adjudication"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


UNSETTLED: Final = (
    EntryState.AWAITING_CAPACITY,
    EntryState.AWAITING_REVIEW,
    EntryState.AWAITING_ADJUDICATION,
)
"""Nobody has said the last word yet: what is due may be overdue."""


@dataclass(frozen=True)
class Transition:
    """One allowed step, why it happens and who causes it; `source` None is the way in."""

    source: EntryState | None
    target: EntryState
    reason: str
    by: Literal["reviewer", "lead", "policy"]


class Row(NamedTuple):
    """A transition in words, for a page or a table."""

    source: str
    target: str
    reason: str
    by: str


_CAPACITY = EntryState.AWAITING_CAPACITY
_REVIEW = EntryState.AWAITING_REVIEW
_DISPUTE = EntryState.AWAITING_ADJUDICATION
_APPROVAL = EntryState.AWAITING_APPROVAL
_APPROVED = EntryState.APPROVED
_EXPIRED = EntryState.EXPIRED
_WITHDRAWN = EntryState.WITHDRAWN

TRANSITIONS: Final = (
    Transition(None, _REVIEW, "a route queued the item", "policy"),
    Transition(None, _CAPACITY, "a route queued the item, and the day's cap is reached", "policy"),
    Transition(_CAPACITY, _REVIEW, "a day has room for it, or an audit was drawn", "policy"),
    Transition(_CAPACITY, _WITHDRAWN, "no answer is needed any more", "lead"),
    Transition(_REVIEW, _APPROVAL, "the answers wanted agree", "reviewer"),
    Transition(_REVIEW, _DISPUTE, "the answers cannot agree, or too many are skips", "reviewer"),
    Transition(_REVIEW, _DISPUTE, "a reviewer sent it to the lead", "reviewer"),
    Transition(_REVIEW, _EXPIRED, "an audit that nobody answered in time", "policy"),
    Transition(_REVIEW, _WITHDRAWN, "no answer is needed any more", "lead"),
    Transition(_EXPIRED, _REVIEW, "a later finding asks for people", "policy"),
    Transition(_EXPIRED, _WITHDRAWN, "no answer is needed any more", "lead"),
    Transition(_WITHDRAWN, _REVIEW, "taken back unseen, and asked about again", "policy"),
    Transition(_DISPUTE, _APPROVAL, "the dispute is decided", "lead"),
    Transition(_DISPUTE, _REVIEW, "an answer was taken back", "reviewer"),
    Transition(_DISPUTE, _REVIEW, "a lead returned it to its reviewer", "lead"),
    Transition(_DISPUTE, _WITHDRAWN, "no answer is needed any more", "lead"),
    Transition(_APPROVAL, _APPROVED, "the annotation is approved", "lead"),
    Transition(_APPROVAL, _APPROVED, "the grace period passed", "policy"),
    Transition(_APPROVAL, _REVIEW, "an answer was taken back", "reviewer"),
    Transition(_APPROVAL, _REVIEW, "a lead returned it to its reviewer", "lead"),
    Transition(_APPROVAL, _WITHDRAWN, "no answer is needed any more", "lead"),
    Transition(_APPROVED, _REVIEW, "an answer was taken back or re-opened", "reviewer"),
)


def targets_of(source: EntryState | None) -> frozenset[EntryState]:
    """Where an entry may go from here; empty for a final state."""
    return frozenset(step.target for step in TRANSITIONS if step.source == source)


def check_transition(source: EntryState, target: EntryState) -> None:
    """Raise InvalidTransition unless the published machine has this step."""
    allowed = targets_of(source)
    if target not in allowed:
        raise InvalidTransition(source=source, target=target, allowed=sorted(allowed))


def published() -> Iterator[Row]:
    """The machine in words, in the order in which an entry lives."""
    for step in TRANSITIONS:
        yield Row(_words(step.source), _words(step.target), step.reason, step.by)


def _words(state: EntryState | None) -> str:
    return "(enters)" if state is None else state.replace("_", " ")


def _as_table() -> str:
    rows = [Row("from", "to", "when", "by"), *published()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


__doc__ = f"{__doc__}\n{_as_table()}\n"
