from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from annotations.models import Assignment, AssignmentState, Project, User
from annotations.queries.versions import review_policy
from annotations.queries.workbench import BEYOND, NOT_HAD, OPEN
from reviewhub.common.ids import uuid7
from reviewhub.common.statements import Statement, execute, insert, partly

SOFT_SECONDS = 120
"""How long an entry is kept that was fetched ahead: a browser that died keeps none for long."""

LONGEST_LEASE = 86_400

LOOK_AHEAD = 8
"""Candidates read without a lock: a colleague may take the first few meanwhile."""

LOOK_BACK = 20
"""Of so many answers of somebody who is ahead of colleagues, one is followed by a look at all that
came in behind them: an urgent entry, or a slot that was given back."""


class _Entry(NamedTuple):
    id: int
    policy_id: int


class _Taken(NamedTuple):
    id: int
    entry_id: int
    lease_until: datetime


class _Place(NamedTuple):
    """Where in the queue somebody answered last, and which of all answers that was."""

    sort_key: float
    entry_id: int
    review_id: int


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
# The usual claim in one statement, one trip and one commit: the first entry of all, if this person
# has not had it. LATERAL, not EXISTS: of one row PostgreSQL shall ask, not first collect all that a
# person has had.
FIRST = f"""
    first AS (
        SELECT entry.id, COALESCE(review.id, lease.id) AS had
        FROM annotations_queueentry entry
        LEFT JOIN LATERAL (
            SELECT id FROM annotations_review
            WHERE entry_id = entry.id AND reviewer_id = %(reviewer)s AND effective LIMIT 1
        ) review ON true
        LEFT JOIN LATERAL (
            SELECT id FROM annotations_assignment
            WHERE entry_id = entry.id AND reviewer_id = %(reviewer)s AND state = 'held' LIMIT 1
        ) lease ON true
        WHERE {OPEN} {{wanted}} {_SKIPPING}
    ), taken AS (
        UPDATE annotations_queueentry entry SET slots_open = slots_open - 1
        FROM first
        WHERE entry.id = first.id AND first.had IS NULL
            AND entry.state = 'awaiting_review' AND entry.slots_open > 0
        RETURNING entry.id, entry.uid, entry.policy_id
    ), given AS (
        INSERT INTO annotations_assignment
            (uid, entry_id, reviewer_id, state, soft, claimed_at, lease_until)
        SELECT %(uid)s, taken.id, %(reviewer)s, 'held', %(soft)s, %(now)s,
            %(now)s + LEAST(policy.lease_seconds, %(most)s) * interval '1 second'
        FROM taken JOIN annotations_reviewpolicy policy ON policy.id = taken.policy_id
        RETURNING id, entry_id, claimed_at, lease_until
    )
"""  # noqa: S608 (made of nothing but our own text)
_TAKE_FIRST = Statement(
    f"WITH {FIRST.format(wanted='')} SELECT id, entry_id, lease_until FROM given",  # noqa: S608 (as above)
    _Taken,
)

HELD_BY = """
    SELECT lease.id, lease.soft, lease.lease_until, entry.id AS entry_id, entry.uid AS entry_uid,
        entry.policy_id, lease.claimed_at, entry.sort_key
    FROM annotations_assignment lease
    JOIN annotations_queueentry entry ON entry.id = lease.entry_id
    WHERE lease.reviewer_id = %(reviewer)s AND lease.state = 'held'
        AND entry.project_id = %(project)s
"""
"""What a person holds in a project."""

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


# The same of one entry that this person once held.
_ONE = Statement(f"{_ENTRIES} {OPEN} AND {NOT_HAD} AND entry.uid = %(uid)s", _Entry)


def take_entry(
    *, project: Project, reviewer: User, soft: bool = False, now: datetime
) -> Assignment | None:
    """Lease the most urgent entry that this person neither holds nor has answered, if there is one.

    An entry is taken by a conditional UPDATE whose row count is trusted: of two people who want
    the last slot, the database lets one have it.
    """
    who = {"project": project.pk, "reviewer": reviewer.pk}
    skipping = connection.features.has_select_for_update_skip_locked
    if skipping and (lease := _take_first(who, soft, now)):
        return lease
    try:
        with transaction.atomic():
            if skipping and (free := _free(who)) and execute(_TAKE, entry=free.id):
                return _lease(project, free, reviewer, soft, now)
            # What is left may be held by a claim under way, and have a second slot: wait for it.
            for entry in _CANDIDATES.all(**who):
                if execute(_TAKE, entry=entry.id):
                    return _lease(project, entry, reviewer, soft, now)
    except IntegrityError:
        # The same person claims in two tabs, and the other tab has just been given this entry.
        return None
    return None


def take_again(
    *, project: Project, reviewer: User, entry_uid: UUID, soft: bool, now: datetime
) -> bool:
    """Lease this entry anew to a person whose lease has ended, while a slot of it is free."""
    try:
        with transaction.atomic():
            entry = _ONE.first(project=project.pk, reviewer=reviewer.pk, uid=entry_uid)
            if entry is None or not execute(_TAKE, entry=entry.id):
                return False
            _lease(project, entry, reviewer, soft, now)
    except IntegrityError:
        return True  # another tab of the same person was faster
    return True


def lease_end(project: Project, policy_id: int, *, soft: bool, now: datetime) -> datetime:
    seconds = review_policy(project, policy_id).lease_seconds
    return now + timedelta(seconds=min(seconds, SOFT_SECONDS) if soft else seconds)


def _take_first(who: Mapping[str, int], soft: bool, now: datetime) -> Assignment | None:
    uid = uuid7()
    most = SOFT_SECONDS if soft else LONGEST_LEASE
    try:
        taken = _TAKE_FIRST.first(**who, uid=uid, soft=soft, most=most, now=now)
    except IntegrityError:
        return None  # another tab of the same person, as in take_entry
    return taken and partly(
        Assignment,
        **taken._asdict(),
        uid=uid,
        reviewer_id=who["reviewer"],
        state=AssignmentState.HELD,
        soft=soft,
        claimed_at=now,
        ended_at=None,
    )


def _free(who: Mapping[str, int]) -> _Entry | None:
    """The most urgent entry that nobody is claiming, for a person who has had the first; locked.

    Where entries want several answers, somebody quick has had everything at the front, and would
    step over it anew for each claim: they go on from where they were. Every now and then, and when
    nothing is ahead, they look from the beginning.
    """
    place = _PLACE.first(**who)
    if place and place.review_id % LOOK_BACK:
        ahead = _FREE_BEYOND.first(**who, sort_key=place.sort_key, entry=place.entry_id)
        if ahead:
            return ahead
    return _FREE.first(**who)


def _lease(
    project: Project, entry: _Entry, reviewer: User, soft: bool, now: datetime
) -> Assignment:
    return insert(
        Assignment(
            entry_id=entry.id,
            reviewer=reviewer,
            state=AssignmentState.HELD,
            soft=soft,
            claimed_at=now,
            lease_until=lease_end(project, entry.policy_id, soft=soft, now=now),
        )
    )
