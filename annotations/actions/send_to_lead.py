from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.comment_on import write_comment
from annotations.actions.move_entry import lock_entry, move_entry
from annotations.actions.submit_review import submit_review
from annotations.domain.comments import read_comment
from annotations.domain.states import EntryState
from annotations.domain.words import SENT_TO_LEAD
from annotations.errors import AnsweredOtherwise
from annotations.models import Project, QueueEntry, Referral, ReferralTo, Review, User
from reviewhub.common import audit


def send_to_lead(
    *,
    project: Project,
    entry_uid: UUID,
    reviewer: User,
    text: str,
    token: UUID,
    seconds: float,
    now: datetime,
) -> Review:
    """Pass an item that a lead should decide, with what there is to say about it.

    It is a skip that goes to adjudication at once, so it can be taken back like any answer, and
    the same token again returns the stored one; with other words, AnsweredOtherwise. Raises
    CommentMissing, CommentTooLong, and what `submit_review` raises.
    """
    said = read_comment(text)
    with transaction.atomic():
        entry = lock_entry(project=project, uid=entry_uid)
        is_new = not Review.objects.filter(reviewer=reviewer, token=token).exists()
        review = submit_review(
            project=project,
            entry_uid=entry_uid,
            reviewer=reviewer,
            verdict="skip",
            reason=SENT_TO_LEAD,
            token=token,
            seconds=seconds,
            now=now,
        )
        if is_new:
            entry.refresh_from_db(fields=["state", "slots_open"])
            _refer(entry, reviewer, said, now)
        else:
            _check_words(review, said)
    return review


def _check_words(review: Review, said: str) -> None:
    sent = Referral.objects.filter(
        entry=review.entry_id, referred_by=review.reviewer_id, created_at=review.created_at
    )
    if sent.filter(comment__text__isnull=False).exclude(comment__text=said).exists():
        raise AnsweredOtherwise(review=str(review.uid))


def _refer(entry: QueueEntry, reviewer: User, said: str, now: datetime) -> None:
    if entry.state == EntryState.AWAITING_REVIEW:
        move_entry(entry=entry, to=EntryState.AWAITING_ADJUDICATION, now=now)
    comment, _ = write_comment(entry=entry, author=reviewer, text=said, now=now)
    Referral.objects.create(
        entry=entry,
        to=ReferralTo.LEAD,
        referred_by=reviewer,
        comment=comment,
        created_at=now,
    )
    audit.record(
        actor=actor_of(reviewer),
        action="entry.send_to_lead",
        subject=entry,
        project_id=entry.project_id,
        after={"comment": str(comment.uid)},
        now=now,
    )
