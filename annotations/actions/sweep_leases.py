from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from annotations.domain.states import EntryState
from annotations.models import Assignment, AssignmentState, QueueEntry


def sweep_leases(*, now: datetime, limit: int = 500) -> int:
    """Give back the slots of leases that ran out; how many were.

    Each lease is ended by a conditional UPDATE, so an answer or a renewal that comes at the same
    moment wins or loses as a whole.
    """
    expired = Assignment.objects.filter(state=AssignmentState.HELD, lease_until__lt=now)
    pairs = list(expired.order_by("lease_until").values_list("pk", "entry_id")[:limit])
    return sum(_expire(pk, entry_id, now) for pk, entry_id in pairs)


def _expire(pk: int, entry_id: int, now: datetime) -> bool:
    with transaction.atomic():
        # The entry before the lease, as every action does: two orders would be a deadlock.
        QueueEntry.objects.select_for_update().filter(pk=entry_id).first()
        ended = Assignment.objects.filter(
            pk=pk, state=AssignmentState.HELD, lease_until__lt=now
        ).update(state=AssignmentState.EXPIRED, ended_at=now)
        if ended:
            QueueEntry.objects.filter(pk=entry_id, state=EntryState.AWAITING_REVIEW).update(
                slots_open=F("slots_open") + 1
            )
    return bool(ended)
