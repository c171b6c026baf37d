from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.actions.move_entry import lock_entry, open_slots
from annotations.domain.states import EntryState
from annotations.models import Assignment, AssignmentState, QueueEntry, User


def leave_bench(*, reviewer: User, now: datetime) -> int:
    """Give back at once whatever a person holds, in every project; how many leases that were.

    An answer that arrives later is taken all the same while nobody else holds the slot.
    """
    held = Assignment.objects.filter(reviewer=reviewer, state=AssignmentState.HELD)
    entries = [lease.entry for lease in held.select_related("entry__project")]
    return sum(_release(entry, reviewer, now) for entry in entries)


def _release(held: QueueEntry, reviewer: User, now: datetime) -> bool:
    with transaction.atomic():
        entry = lock_entry(project=held.project, pk=held.pk)
        ended = entry.assignments.filter(reviewer=reviewer, state=AssignmentState.HELD).update(
            state=AssignmentState.RELEASED, ended_at=now
        )
        if ended and entry.state == EntryState.AWAITING_REVIEW:
            entry.slots_open = open_slots(entry)
            entry.save(update_fields=["slots_open"])
    return bool(ended)
