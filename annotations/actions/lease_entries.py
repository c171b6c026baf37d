from __future__ import annotations

from datetime import datetime

from annotations.models import Assignment, AssignmentState, User
from reviewhub.common.statements import execute, insert

_TAKE = """
    UPDATE annotations_queueentry SET slots_open = slots_open - 1
    WHERE id = %(entry)s AND state = 'awaiting_review' AND slots_open > 0
"""


def take(*, entry_id: int, reviewer: User, until: datetime, now: datetime) -> bool:
    """Lease an entry that this person has neither answered nor holds; whether a slot was open.

    A conditional UPDATE whose row count is trusted: of two people who want the last slot, the
    database lets one have it.
    """
    if not execute(_TAKE, entry=entry_id):
        return False
    insert(
        Assignment(
            entry_id=entry_id,
            reviewer=reviewer,
            state=AssignmentState.HELD,
            claimed_at=now,
            lease_until=until,
        )
    )
    return True
