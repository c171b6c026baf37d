from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from annotations.actions.move_entry import lock_entry
from annotations.actions.take_back import lease_back
from annotations.domain.states import EntryState
from annotations.errors import EntryClosed, LeaseLost
from annotations.models import AssignmentState, Project, QueueEntry, User


def take_returned(
    *, project: Project, referral_uid: UUID, reviewer: User, now: datetime
) -> QueueEntry:
    """Put an item that a lead returned to somebody on their bench, before anything else of theirs.

    Raises UnknownEntry for what was returned to nobody or to somebody else, EntryClosed once it
    is answered, LeaseLost when colleagues have taken it over meanwhile.
    """
    with transaction.atomic():
        entry = lock_entry(
            project=project, referrals__uid=referral_uid, referrals__reviewer=reviewer
        )
        opened = entry.referrals.filter(uid=referral_uid, closed_at__isnull=True)
        if entry.state != EntryState.AWAITING_REVIEW or not opened.exists():
            raise EntryClosed()
        least = now + timedelta(seconds=entry.policy.lease_seconds)
        held = entry.assignments.filter(reviewer=reviewer, state=AssignmentState.HELD).first()
        if held is not None:
            # The bench shows first what was claimed last.
            held.claimed_at, held.soft = now, False
            held.lease_until = max(held.lease_until, least)
            held.save(update_fields=["claimed_at", "soft", "lease_until"])
        elif not lease_back(entry=entry, to=reviewer, now=now, at_least=timedelta()):
            raise LeaseLost()
    return entry
