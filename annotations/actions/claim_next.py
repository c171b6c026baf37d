from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.states import EntryState
from annotations.models import (
    Assignment,
    AssignmentState,
    Project,
    QueueEntry,
    Review,
    User,
)

LOOK_AHEAD = 8
"""Candidates read without a lock: a colleague may take the first few meanwhile."""


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
    held = (
        Assignment.objects.filter(
            reviewer=reviewer, entry__project=project, state=AssignmentState.HELD
        )
        .select_related("entry__policy")
        .order_by("-claimed_at", "-id")
        .first()
    )
    if held is None:
        return None
    until = now + timedelta(seconds=held.entry.policy.lease_seconds)
    renewed = Assignment.objects.filter(pk=held.pk, state=AssignmentState.HELD).update(
        lease_until=until
    )
    held.lease_until = until
    return held if renewed else None


def _claim(project: Project, reviewer: User, now: datetime) -> Assignment | None:
    candidates = _candidates(project, reviewer)
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            # Whoever is claiming an entry right now holds its row: look past it instead of
            # waiting. One row only, as colleagues look past what this locks.
            free = candidates.select_for_update(skip_locked=True, of=("self",))[:1]
            if (lease := _take_first(free, reviewer, now)) is not None:
                return lease
        # What is left may be held by a claim under way, and have a second slot: wait for it.
        return _take_first(candidates[:LOOK_AHEAD], reviewer, now)


def _take_first(entries: Iterable[QueueEntry], reviewer: User, now: datetime) -> Assignment | None:
    for entry in entries:
        taken = QueueEntry.objects.filter(
            pk=entry.pk, state=EntryState.AWAITING_REVIEW, slots_open__gt=0
        ).update(slots_open=F("slots_open") - 1)
        if taken:
            return Assignment.objects.create(
                entry=entry,
                reviewer=reviewer,
                claimed_at=now,
                lease_until=now + timedelta(seconds=entry.policy.lease_seconds),
            )
    return None


def _candidates(project: Project, reviewer: User) -> QuerySet[QueueEntry]:
    answered = Review.objects.filter(entry=OuterRef("pk"), reviewer=reviewer, effective=True)
    holding = Assignment.objects.filter(
        entry=OuterRef("pk"), reviewer=reviewer, state=AssignmentState.HELD
    )
    return (
        QueueEntry.objects.filter(
            ~Exists(answered),
            ~Exists(holding),
            project=project,
            state=EntryState.AWAITING_REVIEW,
            slots_open__gt=0,
        )
        .select_related("policy")
        .order_by("sort_key", "id")
    )
