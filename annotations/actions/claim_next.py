from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from annotations.actions.sweep_leases import sweep_leases
from annotations.models import Assignment, AssignmentState, Project, User
from annotations.queries.versions import review_policy
from annotations.queries.workbench import BEYOND, NOT_HAD, OPEN
from reviewhub.common.statements import Statement, execute, insert

LOOK_AHEAD = 8
"""Candidates read without a lock: a colleague may take the first few meanwhile."""

LOOK_BACK = 20
"""Of so many answers of somebody who is ahead of colleagues, one is followed by a look at all that
came in behind them: an urgent entry, or a slot that was given back."""


class _Held(NamedTuple):
    id: int
    entry_id: int
    policy_id: int


class _Entry(NamedTuple):
    id: int
    policy_id: int


class _First(NamedTuple):
    id: int
    policy_id: int
    is_had: bool


class _Place(NamedTuple):
    """Where in the queue somebody answered last, and which of all answers that was."""

    sort_key: float
    entry_id: int
    review_id: int


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

# Whoever is claiming an entry right now holds its row: look past it instead of waiting. One row
# only, as colleagues look past what this locks.
_SKIPPING = "ORDER BY entry.sort_key, entry.id LIMIT 1 FOR UPDATE OF entry SKIP LOCKED"
_ENTRIES = "SELECT entry.id, entry.policy_id FROM annotations_queueentry entry WHERE"
_FREE = Statement(f"{_ENTRIES} {OPEN} AND {NOT_HAD} {_SKIPPING}", _Entry)
_FREE_BEYOND = Statement(f"{_ENTRIES} {OPEN} AND {BEYOND} AND {NOT_HAD} {_SKIPPING}", _Entry)
_CANDIDATES = Statement(
    f"{_ENTRIES} {OPEN} AND {NOT_HAD} ORDER BY entry.sort_key, entry.id LIMIT {LOOK_AHEAD}",
    _Entry,
)
# LATERAL, not EXISTS: of one row PostgreSQL shall ask, not first collect all that a person has had.
_FIRST = Statement(
    f"""
    SELECT entry.id, entry.policy_id, review.id IS NOT NULL OR lease.id IS NOT NULL
    FROM annotations_queueentry entry
    LEFT JOIN LATERAL (
        SELECT id FROM annotations_review
        WHERE entry_id = entry.id AND reviewer_id = %(reviewer)s AND effective LIMIT 1
    ) review ON true
    LEFT JOIN LATERAL (
        SELECT id FROM annotations_assignment
        WHERE entry_id = entry.id AND reviewer_id = %(reviewer)s AND state = 'held' LIMIT 1
    ) lease ON true
    WHERE {OPEN} {_SKIPPING}
    """,  # noqa: S608 (made of nothing but our own text)
    _First,
)

_PLACE = Statement(
    """
    SELECT entry.sort_key, entry.id, review.id
    FROM (
        SELECT id, entry_id, created_at FROM annotations_review
        WHERE reviewer_id = %(reviewer)s AND effective
        ORDER BY created_at DESC, id DESC
        LIMIT 30
    ) review
    JOIN annotations_queueentry entry ON entry.id = review.entry_id
    WHERE entry.project_id = %(project)s
    ORDER BY review.created_at DESC, review.id DESC
    LIMIT 1
    """,
    _Place,
)

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
            free = _free(who)
            if free and execute(_TAKE, entry=free.id):
                return _lease(project, free, reviewer, now)
        # What is left may be held by a claim under way, and have a second slot: wait for it.
        for entry in _CANDIDATES.all(**who):
            if execute(_TAKE, entry=entry.id):
                return _lease(project, entry, reviewer, now)
    return None


def _free(who: Mapping[str, int]) -> _Entry | None:
    """The most urgent entry for this person that nobody is claiming, locked.

    Mostly that is the first of all. Where entries want several answers, somebody quick has had
    everything at the front, and would step over it anew for each claim: they go on from where they
    were. Every now and then, and when nothing is ahead, they too look from the beginning.
    """
    first = _FIRST.first(**who)
    if first is None or not first.is_had:
        return first and _Entry(first.id, first.policy_id)
    place = _PLACE.first(**who)
    if place and place.review_id % LOOK_BACK:
        ahead = _FREE_BEYOND.first(**who, sort_key=place.sort_key, entry=place.entry_id)
        if ahead:
            return ahead
    return _FREE.first(**who)


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
