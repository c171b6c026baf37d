from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.actions.move_entry import lock_entry, open_slots
from annotations.domain.states import EntryState
from annotations.models import Assignment, AssignmentState, Project, User
from annotations.queries.grid_cells import held_grid, leases_of


def leave_grid(*, project: Project, reviewer: User, now: datetime) -> int:
    """Give back at once what a person holds by a grid; how many entries that were.

    An answer to it that arrives later is taken all the same while nobody else holds the slots.
    """
    grid = held_grid(project, reviewer)
    if grid is None:
        return 0
    leases = list(leases_of(grid).order_by("entry_id"))
    return sum(_give_back(project, lease, now) for lease in leases)


def _give_back(project: Project, lease: Assignment, now: datetime) -> bool:
    with transaction.atomic():
        entry = lock_entry(project=project, pk=lease.entry_id)
        ended = Assignment.objects.filter(pk=lease.pk, state=AssignmentState.HELD).update(
            state=AssignmentState.RELEASED, ended_at=now
        )
        if ended and entry.state == EntryState.AWAITING_REVIEW:
            entry.slots_open = open_slots(entry)
            entry.save(update_fields=["slots_open"])
    return bool(ended)
