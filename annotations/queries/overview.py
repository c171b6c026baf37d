"""The review half of the loop in counts that must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import Assignment, AssignmentState
from annotations.queries.accounting import accounts_in, kept_counters
from reviewhub.common.statements import Statement


@dataclass(frozen=True)
class ReviewOverview:
    """Counts of one project; `predictions` = `accepted` + `queued`, entries are in one state each.

    `disputes_since` and `approvals_since` say how long the oldest of them has waited.
    """

    items: int
    imported: int
    predictions: int
    accepted: int
    queued: int
    audited: int
    entered: int
    by_state: Mapping[str, int]
    balanced: bool
    held: int
    reviews: int
    corrections: int
    review_seconds: float
    approved: int
    disputes_since: datetime | None
    approvals_since: datetime | None


class _Oldest(NamedTuple):
    disputes_since: datetime | None
    approvals_since: datetime | None


_OLDEST = Statement(
    """
    SELECT
        (SELECT state_changed_at FROM annotations_queueentry
            WHERE project_id = %(project)s AND state = 'awaiting_adjudication'
            ORDER BY state_changed_at LIMIT 1),
        (SELECT state_changed_at FROM annotations_queueentry
            WHERE project_id = %(project)s AND state = 'awaiting_approval'
            ORDER BY state_changed_at LIMIT 1)
    """,
    _Oldest,
)


def review_overview(project_id: int) -> ReviewOverview:
    """Three queries at any size; nothing that grows is counted. Leases held are as many as people
    who are at work.
    """
    kept = kept_counters(project_id)
    accounts = accounts_in(kept)
    (oldest,) = _OLDEST.all(project=project_id)
    return ReviewOverview(
        items=kept[counters.ITEMS],
        imported=kept[counters.IMPORTED],
        predictions=kept[counters.PREDICTIONS],
        accepted=kept[counters.ACCEPTED],
        queued=kept[counters.QUEUED],
        audited=kept[counters.AUDITED],
        entered=accounts.entered,
        by_state=accounts.by_state,
        balanced=accounts.balanced
        and kept[counters.PREDICTIONS] == kept[counters.ACCEPTED] + kept[counters.QUEUED],
        held=_held(project_id),
        reviews=kept[counters.REVIEWS],
        corrections=kept[counters.CORRECTIONS],
        review_seconds=kept[counters.REVIEW_MS] / 1000,
        approved=accounts.by_state[EntryState.APPROVED],
        disputes_since=oldest.disputes_since,
        approvals_since=oldest.approvals_since,
    )


def _held(project_id: int) -> int:
    return Assignment.objects.filter(entry__project=project_id, state=AssignmentState.HELD).count()
