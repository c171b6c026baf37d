"""Whether a prediction drawn for audit has an answer that estimates may stand on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from annotations.domain.priority import AUDIT_DUE
from annotations.domain.states import UNSETTLED, EntryState

LEAST_RESPONSE = 0.95
"""Below this share of answers an estimate is flagged: those that are missing may be other ones."""

_SETTLED: Final = (EntryState.AWAITING_APPROVAL, EntryState.APPROVED)


class Response(StrEnum):
    """`open` may still be answered in time; `missing` is non-response, for good."""

    ANSWERED = "answered"
    OPEN = "open"
    MISSING = "missing"


class AuditedEntry(Protocol):
    """An entry that is shown blind because its item was drawn."""

    @property
    def state(self) -> str: ...
    @property
    def lapses_at(self) -> datetime | None: ...
    @property
    def lapsed_at(self) -> datetime | None: ...


def response_in(entry: AuditedEntry, *, drawn_at: datetime) -> Response:
    """What became, in this entry, of the audit of a prediction drawn at that moment.

    A late answer comes from other hours and other people than the rest: it is none. An entry whose
    end lies further ahead than an audit lasts was given new time by a later draw, which is the one
    that it answers. An answer that was taken back, and not given again, does not stand.
    """
    lapses_at = entry.lapses_at or drawn_at
    if entry.lapsed_at is not None or lapses_at > drawn_at + AUDIT_DUE:
        return Response.MISSING
    if entry.state in _SETTLED:
        return Response.ANSWERED
    return Response.OPEN if entry.state in UNSETTLED else Response.MISSING


def response_to(entries: Iterable[AuditedEntry], *, drawn_at: datetime) -> Response:
    """The same of all audited entries of the item: none at all where people had seen it before."""
    found = {response_in(each, drawn_at=drawn_at) for each in entries}
    return next((each for each in Response if each in found), Response.MISSING)


def response_rate(*, drawn: int, answered: int, still_open: int) -> float | None:
    """Of the audits whose time is over or that were answered; None where there is none."""
    over = drawn - still_open
    return answered / over if over else None
