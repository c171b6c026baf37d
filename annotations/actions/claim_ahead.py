from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from annotations.actions.claim_next import Held, held_leases, renew
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.take_entry import SOFT_SECONDS, take_again, take_entry
from annotations.models import Project, User

AHEAD = 3
"""Entries that a person holds beyond the one they look at."""


@dataclass(frozen=True)
class Ahead:
    """What comes next for a person: ids of entries that their browser does not have yet.

    `gone` is what it has and shall forget: settled, withdrawn, a colleague's by now, or answered
    by this person in another tab.
    """

    fresh: Sequence[int]
    gone: Sequence[UUID]


def claim_ahead(*, project: Project, reviewer: User, have: Sequence[UUID], now: datetime) -> Ahead:
    """Lease entries until the person holds one to look at and AHEAD more; renew those they `have`.

    `have` begins with what is on the screen: its lease is firm, for as long as the policy says.
    The others are soft: short, and given back when the page is left. What is held belongs to the
    person and not to a tab, so that several tabs hoard no more than one, and a browser that lost
    its items is given the same again. Of what they `have`, a lease that ended meanwhile is taken
    anew while nobody else has the slot.
    """
    held = held_leases(project, reviewer)
    leases = {lease.entry_uid: lease for lease in held}
    gone = [
        uid
        for place, uid in enumerate(have)
        if not _keep(project, reviewer, uid, leases.get(uid), first=place == 0, now=now)
    ]
    room = 1 + AHEAD - len(have) + len(gone)
    fresh = [lease.entry_id for lease in held if lease.entry_uid not in have][: max(0, room)]
    fresh += _claim(project, reviewer, room - len(fresh), now)
    if not fresh and len(gone) == len(have) and sweep_leases(now=now):
        fresh = _claim(project, reviewer, 1 + AHEAD, now)
    return Ahead(fresh, gone)


def _keep(
    project: Project, reviewer: User, uid: UUID, lease: Held | None, *, first: bool, now: datetime
) -> bool:
    """Whether the person may go on with the entry; its lease is good for a while from now on."""
    if lease is None:
        again = take_again(
            project=project, reviewer=reviewer, entry_uid=uid, soft=not first, now=now
        )
        return again is not None
    soft = lease.soft and not first
    if soft == lease.soft and lease.lease_until - now > timedelta(seconds=SOFT_SECONDS / 2):
        return True
    return renew(project, lease, soft=soft, now=now)


def _claim(project: Project, reviewer: User, room: int, now: datetime) -> list[int]:
    fresh: list[int] = []
    while len(fresh) < room:
        lease = take_entry(project=project, reviewer=reviewer, soft=True, now=now)
        if lease is None:
            break
        fresh.append(lease.entry_id)
    return fresh
