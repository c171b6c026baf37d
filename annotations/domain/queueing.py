"""What asks for an item to be queued."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple


class QueueCandidate(NamedTuple):
    """A routed prediction that people must see, and in what time, if that is said.

    `predicted_key` is in the words of the taxonomy in force.
    """

    prediction_id: int
    item_id: int
    external_id: str
    predicted_key: str
    audited: bool
    only_audit: bool
    expected_cost: float
    due: timedelta | None = None


def one_an_item(candidates: Sequence[QueueCandidate]) -> list[QueueCandidate]:
    """Several predictors may ask for an item at once: whatever one of them needs is needed."""
    by_item: dict[int, QueueCandidate] = {}
    for each in candidates:
        first = by_item.setdefault(each.item_id, each)
        if first is not each:
            by_item[each.item_id] = first._replace(
                audited=first.audited or each.audited,
                only_audit=first.only_audit and each.only_audit,
                expected_cost=max(first.expected_cost, each.expected_cost),
                due=min((due for due in (first.due, each.due) if due is not None), default=None),
            )
    return list(by_item.values())


def moment_in(now: datetime, due: timedelta | None) -> datetime | None:
    return None if due is None else now + due


def earlier_of(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)
