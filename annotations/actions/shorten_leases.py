from __future__ import annotations

from datetime import datetime, timedelta

from annotations.models import Assignment, AssignmentState

MOMENT = timedelta(minutes=1)
"""Well beyond what lies between two looks at the clock, by colleagues at work."""


def shorten_leases(*, now: datetime) -> int:
    """Give leases of the future the length of one given now; how many.

    They were given before the database's clock went back, and would be held for as long as that.
    Whoever holds one keeps it; an answer, a renewal or a sweep at the same moment wins. One that is
    long on purpose is left alone.
    """
    held = Assignment.objects.filter(state=AssignmentState.HELD, claimed_at__gt=now + MOMENT)
    policies = held.values_list("entry__policy", "entry__policy__lease_seconds").distinct()
    return sum(
        _shorten(policy_id, timedelta(seconds=seconds), now) for policy_id, seconds in policies
    )


def _shorten(policy_id: int, length: timedelta, now: datetime) -> int:
    return Assignment.objects.filter(
        entry__policy=policy_id,
        state=AssignmentState.HELD,
        claimed_at__gt=now + MOMENT,
        lease_until__gt=now + length + MOMENT,
    ).update(lease_until=now + length)
