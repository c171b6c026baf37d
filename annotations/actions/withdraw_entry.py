from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.actions.move_entry import lock_entry, move_entry
from annotations.domain.states import EntryState
from annotations.errors import ReasonMissing
from annotations.models import Project, QueueEntry
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def withdraw_entry(
    *, project: Project, entry_uid: UUID, actor: Actor, reason: str, now: datetime
) -> QueueEntry:
    """Take an entry out of the queue for good, with the reason on record; answers are kept.

    Raises InvalidTransition once it is approved.
    """
    if not reason.strip():
        raise ReasonMissing()
    with transaction.atomic():
        entry = lock_entry(project=project, uid=entry_uid)
        before = entry.state
        move_entry(entry=entry, to=EntryState.WITHDRAWN, now=now)
        audit.record(
            actor=actor,
            action="entry.withdraw",
            subject=entry,
            project_id=project.pk,
            before={"state": before},
            after={"reason": reason},
            now=now,
        )
    return entry
