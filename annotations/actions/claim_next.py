from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.take_entry import HELD_BY, lease_end, take_entry
from annotations.models import Assignment, Project, User
from reviewhub.common.statements import Statement, execute


class Held(NamedTuple):
    """A lease that a person holds, and its entry."""

    id: int
    soft: bool
    lease_until: datetime
    entry_id: int
    entry_uid: UUID
    policy_id: int
    claimed_at: datetime
    sort_key: float


_HELD = Statement(HELD_BY, Held)

_RENEW = """
    UPDATE annotations_assignment SET soft = %(soft)s, lease_until = %(until)s
    WHERE id = %(lease)s AND state = 'held'
"""


def claim_next(*, project: Project, reviewer: User, now: datetime) -> Assignment | None:
    """Lease the most urgent entry that this person has not answered; None if there is none.

    What the person holds already comes first, its lease firm and renewed.
    """
    return (
        _resume(project, reviewer, now)
        or take_entry(project=project, reviewer=reviewer, now=now)
        or (
            take_entry(project=project, reviewer=reviewer, now=now)
            if sweep_leases(now=now)
            else None
        )
    )


def held_leases(project: Project, reviewer: User) -> list[Held]:
    """What a person holds, in the order in which it is put before them."""
    return in_order(_HELD.all(reviewer=reviewer.pk, project=project.pk))


def in_order(leases: Iterable[Held]) -> list[Held]:
    """First what was on the screen, the latest before the others: an answer that was taken back
    stands before the item that it interrupted. Then what was fetched ahead, in queue order.
    """
    firm: list[Held] = []
    soft: list[Held] = []
    for lease in leases:
        (soft if lease.soft else firm).append(lease)
    firm.sort(key=lambda lease: (lease.claimed_at, lease.id), reverse=True)
    soft.sort(key=lambda lease: (lease.sort_key, lease.entry_id))
    return [*firm, *soft]


def renew(project: Project, lease: Held, *, soft: bool, now: datetime) -> bool:
    """Whether the lease was still there to renew."""
    until = lease_end(project, lease.policy_id, soft=soft, now=now)
    return bool(execute(_RENEW, lease=lease.id, soft=soft, until=until))


def _resume(project: Project, reviewer: User, now: datetime) -> Assignment | None:
    for lease in held_leases(project, reviewer):
        if renew(project, lease, soft=False, now=now):
            return Assignment.objects.get(pk=lease.id)
    return None
