from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.move_entry import lock_entry, move_entry, open_slots
from annotations.actions.submit_review import amounts_of
from annotations.domain.settling import Verdict
from annotations.domain.states import EntryState
from annotations.errors import UndoImpossible
from annotations.models import Assignment, Project, QueueEntry, Review, User
from reviewhub.common import audit, tally
from reviewhub.common.ids import uuid7

CLOSED = {
    EntryState.APPROVED: "It has been approved, and may have been learned from. Ask a lead.",
    EntryState.WITHDRAWN: "The item has been withdrawn.",
}


def undo_review(*, project: Project, review_uid: UUID, reviewer: User, now: datetime) -> Review:
    """Take one's own answer back: a row of its own that supersedes it.

    The entry waits for answers again, leased to the person who undid, so that it is the next
    thing on their screen. Undoing twice returns the first undo. Raises UndoImpossible, with why,
    for another person's answer and once the annotation is approved.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, reviews__uid=review_uid, reviews__reviewer=reviewer)
        review = entry.reviews.get(uid=review_uid)
        undone = Review.objects.filter(supersedes=review).first()
        if undone is not None:
            return undone
        state = EntryState(entry.state)
        if state in CLOSED or not review.effective:
            raise UndoImpossible(CLOSED.get(state, "This answer no longer counts."))
        undone = _supersede(review, now)
        _reopen(entry, review, now)
        _lease(entry, reviewer, now)
        audit.record(
            actor=actor_of(reviewer),
            action="review.undo",
            subject=review,
            project_id=project.pk,
            before={"verdict": review.verdict, "label": review.label_key},
            now=now,
        )
    return undone


def _supersede(review: Review, now: datetime) -> Review:
    review.effective = False
    review.save(update_fields=["effective"])
    return Review.objects.create(
        entry_id=review.entry_id,
        reviewer_id=review.reviewer_id,
        verdict="undone",
        blind=review.blind,
        seconds=0.0,
        token=uuid7(),
        supersedes=review,
        effective=False,
        created_at=now,
    )


def _reopen(entry: QueueEntry, review: Review, now: datetime) -> None:
    if review.verdict != Verdict.SKIPPED:
        entry.answers_given -= 1
        _uncount(entry, review)
    if entry.state == EntryState.AWAITING_REVIEW:
        entry.slots_open = open_slots(entry)
        entry.save(update_fields=["answers_given", "slots_open"])
    else:
        move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)


def _uncount(entry: QueueEntry, review: Review) -> None:
    """Take an answer away from the counters of the day on which it was given."""
    day = tally.day_of(review.created_at, entry.project.site_time_zone)
    given = amounts_of(review)
    tally.add(entry.project_id, day, {name: -amount for name, amount in given.items()})


def _lease(entry: QueueEntry, reviewer: User, now: datetime) -> None:
    if entry.slots_open == 0:
        # Undone was a skip, and a colleague has taken the slot since: it is theirs to judge.
        return
    Assignment.objects.create(
        entry=entry,
        reviewer=reviewer,
        claimed_at=now,
        lease_until=now + timedelta(seconds=entry.policy.lease_seconds),
    )
    entry.slots_open -= 1
    entry.save(update_fields=["slots_open"])
