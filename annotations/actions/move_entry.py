from __future__ import annotations

from datetime import datetime

from annotations.domain.states import EntryState, check_transition
from annotations.errors import UnknownEntry
from annotations.models import Assignment, AssignmentState, Project, QueueEntry


def move_entry(*, entry: QueueEntry, to: EntryState, now: datetime) -> None:
    """Bring a locked entry into another state of the published machine, and end its leases.

    An entry that leaves `awaiting_review` has nothing to hand out, so no slot stays open and
    whoever still looks at it will be told on submitting. Raises InvalidTransition.
    """
    check_transition(EntryState(entry.state), to)
    entry.state = to
    entry.state_changed_at = now
    if to == EntryState.AWAITING_REVIEW:
        entry.slots_open = open_slots(entry)
    else:
        entry.slots_open = 0
        entry.assignments.filter(state=AssignmentState.HELD).update(
            state=AssignmentState.RELEASED, ended_at=now
        )
    entry.save(update_fields=["state", "state_changed_at", "slots_open", "answers_given"])


def open_slots(entry: QueueEntry) -> int:
    """Answers that may still be handed out: wanted, less given, less leases held."""
    held = Assignment.objects.filter(entry=entry, state=AssignmentState.HELD).count()
    return max(0, entry.answers_wanted - entry.answers_given - held)


def lock_entry(*, project: Project, **lookup: object) -> QueueEntry:
    """The entry, locked until the transaction ends; raises UnknownEntry.

    The entry row is always the first lock taken, so actions on one entry queue up behind it.
    On SQLite the IMMEDIATE transaction has locked the whole database already.
    """
    entries = QueueEntry.objects.select_for_update(of=("self",)).filter(project=project, **lookup)
    entry = entries.select_related("policy", "taxonomy", "prediction", "item").first()
    if entry is None:
        raise UnknownEntry()
    entry.project = project
    return entry
