from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from annotations.actions.sweep_leases import sweep_leases
from annotations.models import Assignment, AssignmentState, Project, User
from annotations.queries.versions import review_policy
from annotations.queries.workbench import CLAIMABLE
from reviewhub.common.statements import Statement, execute, insert

LOOK_AHEAD = 8
"""Candidates read without a lock: a colleague may take the first few meanwhile."""


class _Held(NamedTuple):
    id: int
    entry_id: int
    policy_id: int


class _Entry(NamedTuple):
    id: int
    policy_id: int


_HELD = Statement(
    """
    SELECT lease.id, lease.entry_id, entry.policy_id
    FROM annotations_assignment lease
    JOIN annotations_queueentry entry ON entry.id = lease.entry_id
    WHERE lease.reviewer_id = %(reviewer)s AND lease.state = 'held'
        AND entry.project_id = %(project)s
    ORDER BY lease.claimed_at DESC, lease.id DESC
    LIMIT 1
    """,
    _Held,
)

_CANDIDATES = f"""
    SELECT entry.id, entry.policy_id FROM annotations_queueentry entry
    WHERE {CLAIMABLE} ORDER BY entry.sort_key, entry.id
"""  # noqa: S608 (made of nothing but our own text)

# Whoever is claiming an entry right now holds its row: look past it instead of waiting. One row
# only, as colleagues look past what this locks.
_FREE = Statement(f"{_CANDIDATES} LIMIT 1 FOR UPDATE OF entry SKIP LOCKED", _Entry)
_OPEN = Statement(f"{_CANDIDATES} LIMIT {LOOK_AHEAD}", _Entry)

_TAKE = """
    UPDATE annotations_queueentry SET slots_open = slots_open - 1
    WHERE id = %(entry)s AND state = 'awaiting_review' AND slots_open > 0
"""

_RENEW = """
    UPDATE annotations_assignment SET lease_until = %(until)s
    WHERE id = %(lease)s AND state = 'held'
"""


def claim_next(*, project: Project, reviewer: User, now: datetime) -> Assignment | None:
    """Lease the most urgent entry that this person has not answered; None if there is none.

    What the person holds already comes first, its lease renewed, the latest claimed before the
    others. An entry is taken by a conditional UPDATE whose row count is trusted: of two people
    who want the last slot, the database lets one have it.
    """
    return (
        _held(project, reviewer, now)
        or _claim(project, reviewer, now)
        or (_claim(project, reviewer, now) if sweep_leases(now=now) else None)
    )


def _held(project: Project, reviewer: User, now: datetime) -> Assignment | None:
    held = _HELD.first(reviewer=reviewer.pk, project=project.pk)
    if held is None:
        return None
    until = _until(project, held.policy_id, now)
    if not execute(_RENEW, lease=held.id, until=until):
        return None
    return Assignment.objects.get(pk=held.id)


def _claim(project: Project, reviewer: User, now: datetime) -> Assignment | None:
    who = {"project": project.pk, "reviewer": reviewer.pk}
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            free = _FREE.first(**who)
            if free and execute(_TAKE, entry=free.id):
                return _lease(project, free, reviewer, now)
        # What is left may be held by a claim under way, and have a second slot: wait for it.
        for entry in _OPEN.all(**who):
            if execute(_TAKE, entry=entry.id):
                return _lease(project, entry, reviewer, now)
    return None


def _lease(project: Project, entry: _Entry, reviewer: User, now: datetime) -> Assignment:
    return insert(
        Assignment(
            entry_id=entry.id,
            reviewer=reviewer,
            state=AssignmentState.HELD,
            claimed_at=now,
            lease_until=_until(project, entry.policy_id, now),
        )
    )


def _until(project: Project, policy_id: int, now: datetime) -> datetime:
    return now + timedelta(seconds=review_policy(project, policy_id).lease_seconds)
