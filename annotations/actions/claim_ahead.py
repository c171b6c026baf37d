from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection

from annotations.actions.claim_next import Held, held_leases, in_order, renew
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.take_entry import (
    FIRST,
    HELD_BY,
    SOFT_SECONDS,
    lease_end,
    take_again,
    take_entry,
)
from annotations.models import Project, User
from reviewhub.common.ids import uuid7
from reviewhub.common.statements import Statement

AHEAD = 3
"""Entries that a person holds beyond the one they look at."""


class _AtHand(NamedTuple):
    """A lease as `Held` has it; `fresh` where the statement has just taken it."""

    id: int
    soft: bool
    lease_until: datetime
    entry_id: int
    entry_uid: UUID
    policy_id: int
    claimed_at: datetime
    sort_key: float
    fresh: bool


_WANTED = "AND (SELECT COUNT(*) FROM held WHERE entry_uid <> ALL(%(have)s::uuid[])) < %(room)s"

# What usually happens after an answer, in one trip and one commit: the lease of what is on the
# screen now becomes firm, and one more entry is taken.
_KEEP_AND_TAKE = Statement(
    f"""
    WITH held AS ({HELD_BY}), firm AS (
        UPDATE annotations_assignment lease
        SET soft = false, lease_until = %(now)s + policy.lease_seconds * interval '1 second'
        FROM held JOIN annotations_reviewpolicy policy ON policy.id = held.policy_id
        WHERE lease.id = held.id AND lease.state = 'held'
            AND held.soft AND held.entry_uid = %(looked_at)s::uuid
    ), {FIRST.format(wanted=_WANTED)}
    SELECT *, false AS fresh FROM held
    UNION ALL
    SELECT given.id, true, given.lease_until, taken.id, taken.uid, taken.policy_id,
        given.claimed_at, 0, true
    FROM given JOIN taken ON taken.id = given.entry_id
    """,  # noqa: S608 (made of nothing but our own text)
    _AtHand,
)


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
    held, fresh = _at_hand(project, reviewer, have, now)
    leases = {lease.entry_uid: lease for lease in held}
    gone = [
        uid
        for place, uid in enumerate(have)
        if not _keep(project, reviewer, uid, leases.get(uid), first=place == 0, now=now)
    ]
    room = 1 + AHEAD - len(have) + len(gone)
    others = [lease.entry_id for lease in held if lease.entry_uid not in have]
    fresh = [*others, *fresh][: max(0, room)]
    fresh += _claim(project, reviewer, room - len(fresh), now)
    if not fresh and len(gone) == len(have) and sweep_leases(now=now):
        fresh = _claim(project, reviewer, 1 + AHEAD, now)
    return Ahead(fresh, gone)


def _at_hand(
    project: Project, reviewer: User, have: Sequence[UUID], now: datetime
) -> tuple[Sequence[Held], list[int]]:
    """What the person holds, the first of what they `have` firmly; and an entry taken besides."""
    if connection.vendor != "postgresql":
        return held_leases(project, reviewer), []
    looked_at = have[0] if have else None
    try:
        at_hand = _KEEP_AND_TAKE.all(
            project=project.pk,
            reviewer=reviewer.pk,
            have=list(have),
            looked_at=looked_at,
            room=1 + AHEAD - len(have),
            uid=uuid7(),
            soft=True,
            most=SOFT_SECONDS,
            now=now,
        )
    except IntegrityError:
        # The same person claims in two tabs, and the other tab has just been given this entry.
        return held_leases(project, reviewer), []
    held = in_order(Held(*lease[:-1]) for lease in at_hand if not lease.fresh)
    return (
        [_firm(project, lease, now) if lease.entry_uid == looked_at else lease for lease in held],
        [lease.entry_id for lease in at_hand if lease.fresh],
    )


def _firm(project: Project, lease: Held, now: datetime) -> Held:
    """The lease as the statement has left it."""
    if not lease.soft:
        return lease
    until = lease_end(project, lease.policy_id, soft=False, now=now)
    return lease._replace(soft=False, lease_until=until)


def _keep(
    project: Project, reviewer: User, uid: UUID, lease: Held | None, *, first: bool, now: datetime
) -> bool:
    """Whether the person may go on with the entry; its lease is good for a while from now on."""
    if lease is None:
        return take_again(
            project=project, reviewer=reviewer, entry_uid=uid, soft=not first, now=now
        )
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
