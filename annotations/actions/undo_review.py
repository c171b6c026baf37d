from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from annotations.access import actor_of
from annotations.actions.move_entry import lock_entry
from annotations.actions.take_back import lease_back, take_back
from annotations.domain.reviewing import LATEST_UNDOABLE
from annotations.domain.states import EntryState
from annotations.errors import UndoImpossible
from annotations.models import Project, QueueEntry, Review, User
from annotations.queries.uses import where_used
from reviewhub.common import audit


def undo_review(*, project: Project, review_uid: UUID, reviewer: User, now: datetime) -> Review:
    """Take one of one's own last ten answers back: a row of its own that supersedes it.

    The entry waits for answers again, approved or not, leased to the person who undid, so that it
    is the next thing on their screen; what a lead has decided stays decided. Undoing twice returns
    the first undo. Raises UnknownEntry for another person's answer, and UndoImpossible, with why,
    once a data set has used it: then it says where, and `reopen_entry` is the way.
    """
    with transaction.atomic():
        entry, review = own_answer(project, review_uid, reviewer)
        undone = Review.objects.filter(supersedes=review).first()
        if undone is not None:
            return undone
        check_recent(entry, review)
        if where := where_used(entry, review):
            raise UndoImpossible(
                "It has been learned from. The item can be re-opened instead.",
                where=[asdict(link) for link in where],
            )
        return give_back(entry=entry, review=review, action="review.undo", now=now)


def own_answer(project: Project, review_uid: UUID, reviewer: User) -> tuple[QueueEntry, Review]:
    """One's own answer and its entry, locked; UnknownEntry for anybody else's."""
    entry = lock_entry(project=project, reviews__uid=review_uid, reviews__reviewer=reviewer)
    review = entry.reviews.get(uid=review_uid)
    review.entry, review.reviewer = entry, reviewer
    return entry, review


def check_recent(entry: QueueEntry, review: Review) -> None:
    """Raise UndoImpossible for an answer that no longer counts, or is not of the last ten.

    An audit that expired stays so: nobody but a later finding asks again. As only audits expire,
    that is said in the words for what was withdrawn.
    """
    if entry.state in (EntryState.EXPIRED, EntryState.WITHDRAWN):
        raise UndoImpossible("The item is no longer needed.")
    if not review.effective:
        raise UndoImpossible("This answer no longer counts.")
    later = Review.objects.filter(
        Q(created_at__gt=review.created_at) | Q(created_at=review.created_at, pk__gt=review.pk),
        reviewer=review.reviewer_id,
        effective=True,
        entry__project=entry.project_id,
    )
    if review.grid_id is not None:
        later = later.exclude(grid=review.grid_id)
    singly = later.filter(grid=None)[:LATEST_UNDOABLE].count()
    grids = later.filter(grid__isnull=False).values("grid").distinct()[:LATEST_UNDOABLE].count()
    if singly + grids >= LATEST_UNDOABLE:
        raise UndoImpossible("Only your last ten answers can be taken back.")


def give_back(*, entry: QueueEntry, review: Review, action: str, now: datetime) -> Review:
    """Take a checked answer back and put the item before the same person again, on record."""
    before = {"verdict": review.verdict, "label": review.label_key, "state": entry.state}
    undone = take_back(entry=entry, review=review, now=now)
    lease_back(entry=entry, to=review.reviewer, now=now, at_least=timedelta())
    audit.record(
        actor=actor_of(review.reviewer),
        action=action,
        subject=review,
        project_id=entry.project_id,
        before=before,
        after={"entry": str(entry.uid), "state": entry.state},
        now=now,
    )
    return undone
