from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.actions.move_entry import lock_entry, open_slots
from annotations.domain.states import EntryState
from annotations.models import Assignment, AssignmentState, Project, QueueEntry, User


def leave_bench(*, reviewer: User, now: datetime) -> int:
    """Give back at once whatever a person holds, in every project; how many leases that were.

    An answer that arrives later is taken all the same while nobody else holds the slot.
    """
    held = Assignment.objects.filter(reviewer=reviewer, state=AssignmentState.HELD)
    entries = [lease.entry for lease in held.select_related("entry__project")]
    return sum(_release(entry, reviewer, now) for entry in entries)


def put_back(
    *, project: Project, reviewer: User, keep: Collection[UUID] = (), now: datetime
) -> int:
    """Give back what a person had fetched ahead in a project and not looked at; how many that were.

    `keep` are entries whose answers are still on their way.
    """
    held = Assignment.objects.filter(
        reviewer=reviewer, state=AssignmentState.HELD, soft=True, entry__project=project
    )
    entries = [lease.entry for lease in held.select_related("entry__project")]
    return sum(
        _release(entry, reviewer, now, soft=True) for entry in entries if entry.uid not in keep
    )


def _release(held: QueueEntry, reviewer: User, now: datetime, **only: bool) -> bool:
    with transaction.atomic():
        entry = lock_entry(project=held.project, pk=held.pk)
        own = entry.assignments.filter(reviewer=reviewer, state=AssignmentState.HELD, **only)
        ended = own.update(state=AssignmentState.RELEASED, ended_at=now)
        if ended and entry.state == EntryState.AWAITING_REVIEW:
            entry.slots_open = open_slots(entry)
            entry.save(update_fields=["slots_open"])
    return bool(ended)
