from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction

from annotations.access import actor_of
from annotations.actions.move_entry import lock_entry, open_slots
from annotations.actions.read_judgement import read_judgement, repeats_prediction
from annotations.actions.settle_entry import settle_entry
from annotations.domain.judgements import columns_of
from annotations.domain.kinds import Judgement
from annotations.domain.settling import Verdict
from annotations.domain.states import EntryState
from annotations.errors import (
    AlreadyAnswered,
    BlindConfirmation,
    EntryClosed,
    LeaseLost,
    NothingToConfirm,
    ReasonMissing,
    TokenReused,
)
from annotations.models import Assignment, AssignmentState, Project, QueueEntry, Review, User
from annotations.queries.predicted import predicted_judgement
from reviewhub.common import audit

Answer = Literal["confirm", "label", "boxes", "reject", "skip"]
LONGEST_SECONDS = 600.0
"""Time on screen is capped: a page left open over lunch is not work."""


@dataclass(frozen=True)
class _Stored:
    verdict: Verdict
    judgement: Judgement | None = None
    reason: str = ""


def submit_review(
    *,
    project: Project,
    entry_uid: UUID,
    reviewer: User,
    verdict: Answer,
    label_key: str = "",
    boxes: object = None,
    reason: str = "",
    token: UUID,
    seconds: float,
    now: datetime,
) -> Review:
    """Store one person's answer, count it once, and settle the entry if it now can be.

    The same token again returns the stored answer. A lease that ran out does not reject an
    answer while a slot is free; if colleagues have taken them all, LeaseLost. Raises EntryClosed
    when the entry no longer waits for answers, AlreadyAnswered for a second one, and what
    `read_judgement` raises. What is answered by label or by boxes is the kind's affair.
    """
    try:
        with transaction.atomic():
            entry = lock_entry(project=project, uid=entry_uid)
            if (stored := _replayed(entry, reviewer, token)) is not None:
                return stored
            _check_open(entry, reviewer)
            answer = _answer(entry, verdict, label_key, boxes, reason)
            lease = _take_slot(entry, reviewer)
            review = Review.objects.create(
                entry=entry,
                reviewer=reviewer,
                assignment=lease,
                verdict=answer.verdict,
                **columns_of(answer.judgement),
                reason=answer.reason,
                blind=entry.blind,
                seconds=min(max(seconds, 0.0), LONGEST_SECONDS),
                token=token,
                created_at=now,
            )
            _count(entry, review, lease, now)
            settle_entry(entry=entry, now=now)
            audit.record(
                actor=actor_of(reviewer),
                action="review.submit",
                subject=review,
                project_id=project.pk,
                after={"entry": str(entry.uid), "verdict": review.verdict},
                now=now,
            )
    except IntegrityError:
        # The same token raced itself on another entry; the stored answer decides what to say.
        return Review.objects.get(reviewer=reviewer, token=token, entry__uid=entry_uid)
    return review


def _replayed(entry: QueueEntry, reviewer: User, token: UUID) -> Review | None:
    stored = Review.objects.filter(reviewer=reviewer, token=token).first()
    if stored is not None and stored.entry_id != entry.pk:
        raise TokenReused()
    return stored


def _check_open(entry: QueueEntry, reviewer: User) -> None:
    if entry.reviews.filter(reviewer=reviewer, effective=True).exists():
        raise AlreadyAnswered()
    if entry.state != EntryState.AWAITING_REVIEW:
        raise EntryClosed(state=entry.state)


def _answer(
    entry: QueueEntry, verdict: Answer, label_key: str, boxes: object, reason: str
) -> _Stored:
    """The answer as it is stored; one that agrees with the prediction is a confirmation."""
    if verdict in ("reject", "skip"):
        if not reason:
            raise ReasonMissing()
        return _Stored(Verdict.REJECTED if verdict == "reject" else Verdict.SKIPPED, reason=reason)
    if verdict == "confirm":
        return _Stored(Verdict.CONFIRMED, _confirmed(entry))
    judgement = read_judgement(entry, label_key=label_key, boxes=boxes)
    if not repeats_prediction(entry, judgement):
        return _Stored(Verdict.CORRECTED, judgement)
    return _Stored(Verdict.CONFIRMED, judgement if entry.blind else _confirmed(entry))


def _confirmed(entry: QueueEntry) -> Judgement:
    """The prediction itself, without the rounding of a form."""
    if entry.blind:
        raise BlindConfirmation()
    predicted = predicted_judgement(entry)
    if predicted is None:
        raise NothingToConfirm()
    return predicted


def _take_slot(entry: QueueEntry, reviewer: User) -> Assignment | None:
    """The reviewer's lease, or None when it ran out and an open slot serves instead."""
    lease = entry.assignments.filter(reviewer=reviewer, state=AssignmentState.HELD).first()
    if lease is None and entry.slots_open == 0:
        raise LeaseLost()
    return lease


def _count(entry: QueueEntry, review: Review, lease: Assignment | None, now: datetime) -> None:
    if lease is not None:
        lease.state = AssignmentState.ANSWERED
        lease.ended_at = now
        lease.save(update_fields=["state", "ended_at"])
    if review.verdict != Verdict.SKIPPED:
        entry.answers_given += 1
    entry.slots_open = open_slots(entry)
    entry.save(update_fields=["answers_given", "slots_open"])
