from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotations.actions.skip_locked import skip_locked
from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import (
    Annotation,
    Approval,
    ApprovalMode,
    Outcome,
    QueueEntry,
    ReviewPolicy,
)
from annotations.signals import annotation_approved
from reviewhub.common import audit, tally
from reviewhub.common.actor import Actor
from reviewhub.common.separately import separately


def approve_due(*, now: datetime, limit: int = 500) -> int:
    """Approve what has waited out its policy's grace period; how many entries were.

    A policy that fails stops no other.
    """
    # By project too, as the index over states begins with it: a queue may be long.
    waiting = _waiting().filter(project=OuterRef("project"), policy=OuterRef("pk"))
    policies = ReviewPolicy.objects.filter(Exists(waiting), approval=ApprovalMode.AUTOMATIC)
    told = separately(
        {
            f"{policy.project.slug}, {policy}": partial(_approve_of, policy, now, limit)
            for policy in policies.select_related("project")
        }
    )
    return sum(told.values())


def _waiting() -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(state=EntryState.AWAITING_APPROVAL)


def _approve_of(policy: ReviewPolicy, now: datetime, limit: int) -> int:
    with transaction.atomic():
        due = _waiting().filter(
            project=policy.project_id,
            policy=policy,
            state_changed_at__lte=now - timedelta(seconds=policy.grace_seconds),
        )
        oldest = due.order_by("state_changed_at").select_related("policy")
        entries = list(skip_locked(oldest)[:limit])
        if entries:
            approve_entries(entries=entries, now=now)
    return len(entries)


def approve_entries(*, entries: Sequence[QueueEntry], now: datetime) -> None:
    """Approve the current annotation of locked entries of one policy, in the caller's transaction.

    The state moves in one statement; each of them left `awaiting_approval` in the published
    machine, which the caller's filter has made sure of.
    """
    policy = entries[0].policy
    name = f"review policy {policy.number}"
    current = {
        annotation.entry_id: annotation
        for annotation in Annotation.objects.filter(entry__in=entries).order_by("number")
    }
    Approval.objects.bulk_create(
        Approval(annotation=annotation, policy=name, created_at=now)
        for annotation in current.values()
    )
    QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(
        state=EntryState.APPROVED, state_changed_at=now
    )
    for entry in entries:
        entry.state = EntryState.APPROVED
    moved = sum(not entry.is_gold for entry in entries)
    labels = sum(
        not entry.is_gold and current[entry.pk].outcome == Outcome.LABEL for entry in entries
    )
    tally.add(
        policy.project_id,
        tally.NO_DAY,
        {
            counters.state(EntryState.AWAITING_APPROVAL): -moved,
            counters.state(EntryState.APPROVED): moved,
            counters.APPROVED_LABELS: labels,
        },
    )
    annotation_approved.send(
        sender=Annotation,
        project_id=policy.project_id,
        annotation_ids=[annotation.pk for annotation in current.values()],
        now=now,
    )
    audit.record(
        actor=Actor(kind="policy", id=policy.pk, name=name),
        action="annotations.approve",
        subject=policy,
        project_id=policy.project_id,
        after={"annotations": [str(annotation.uid) for annotation in current.values()]},
        now=now,
    )
