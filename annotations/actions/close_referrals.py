from __future__ import annotations

from datetime import datetime

from annotations.domain.states import EntryState
from annotations.models import QueueEntry, Referral, User


def close_referrals(*, entry_id: int, now: datetime) -> int:
    """Close what is open about a locked entry, which has gone elsewhere."""
    opened = Referral.objects.filter(entry=entry_id, closed_at__isnull=True)
    return opened.update(closed_at=now)


def close_returned(*, entry: QueueEntry, reviewer: User, now: datetime) -> int:
    """Close what was returned to somebody who has just answered, or to anybody when the answers
    of others have taken the entry on."""
    opened = Referral.objects.filter(entry=entry, closed_at__isnull=True)
    if entry.state == EntryState.AWAITING_REVIEW:
        opened = opened.filter(reviewer=reviewer)
    return opened.update(closed_at=now)
