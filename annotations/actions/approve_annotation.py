from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.move_entry import lock_entry, move_entry
from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.errors import OwnAnswer, StaleAnnotation
from annotations.models import Annotation, Approval, Outcome, Project, QueueEntry, User
from annotations.signals import annotation_approved
from reviewhub.common import audit


def approve_annotation(
    *, project: Project, annotation_uid: UUID, lead: User, now: datetime
) -> Approval:
    """A lead approves a settled annotation; from then on it may be learned from.

    Raises OwnAnswer when the lead gave one of its answers, StaleAnnotation when a newer one (or
    an undo) has taken its place.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, annotations__uid=annotation_uid)
        annotation = entry.annotations.order_by("-number")[:1].get()
        if annotation.uid != annotation_uid or entry.state != EntryState.AWAITING_APPROVAL:
            raise StaleAnnotation(state=entry.state)
        refuse_own_answer(entry, lead)
        return approve(entry=entry, annotation=annotation, lead=lead, now=now)


def approve(*, entry: QueueEntry, annotation: Annotation, lead: User, now: datetime) -> Approval:
    """Write a lead's approval of a locked entry's annotation, in the caller's transaction."""
    approval = Approval.objects.create(annotation=annotation, approved_by=lead, created_at=now)
    is_label = annotation.outcome == Outcome.LABEL and not entry.is_gold
    counted = {counters.APPROVED_LABELS: 1} if is_label else None
    move_entry(entry=entry, to=EntryState.APPROVED, counted=counted, now=now)
    annotation_approved.send(
        sender=Annotation, project_id=entry.project_id, annotation_ids=[annotation.pk], now=now
    )
    audit.record(
        actor=actor_of(lead),
        action="annotation.approve",
        subject=annotation,
        project_id=entry.project_id,
        after={"entry": str(entry.uid), "label": annotation.label_key},
        now=now,
    )
    return approval


def refuse_own_answer(entry: QueueEntry, lead: User) -> None:
    if entry.reviews.filter(reviewer=lead, effective=True).exclude(verdict="skipped").exists():
        raise OwnAnswer()
