from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.comment_on import write_comment
from annotations.actions.move_entry import lock_entry
from annotations.actions.take_back import lease_back, take_back
from annotations.domain.states import EntryState
from annotations.errors import EntryClosed, OwnAnswer, ReturnImpossible
from annotations.models import Project, QueueEntry, Referral, ReferralTo, Review, User
from reviewhub.common import audit

KEPT_FOR = timedelta(days=1)
"""So long a returned item waits for its reviewer alone: they may have gone home."""


def return_to_reviewer(
    *, project: Project, review_uid: UUID, lead: User, text: str, now: datetime
) -> Referral:
    """A lead asks a reviewer to judge an item once more, and says why.

    The answer no longer counts, the entry waits for review again, leased to its reviewer, who
    finds it in their own work and next on the bench. Raises EntryClosed unless the entry awaits
    adjudication or approval, OwnAnswer, ReturnImpossible for an answer that no longer counts or a
    skip that others have made up for, CommentMissing and CommentTooLong.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, reviews__uid=review_uid)
        review = entry.reviews.select_related("reviewer").get(uid=review_uid)
        review.entry = entry
        _check(entry, review, lead)
        comment, _ = write_comment(entry=entry, author=lead, text=text, now=now)
        take_back(entry=entry, review=review, now=now)
        if not lease_back(entry=entry, to=review.reviewer, now=now, at_least=KEPT_FOR):
            raise ReturnImpossible("The others have answered as often as was wanted.")
        referral = Referral.objects.create(
            entry=entry,
            to=ReferralTo.REVIEWER,
            reviewer=review.reviewer,
            referred_by=lead,
            comment=comment,
            created_at=now,
        )
        audit.record(
            actor=actor_of(lead),
            action="entry.return",
            subject=entry,
            project_id=project.pk,
            before={"verdict": review.verdict, "label": review.label_key},
            after={"reviewer": review.reviewer.get_username(), "comment": str(comment.uid)},
            now=now,
        )
    return referral


def _check(entry: QueueEntry, review: Review, lead: User) -> None:
    if entry.state not in (EntryState.AWAITING_ADJUDICATION, EntryState.AWAITING_APPROVAL):
        raise EntryClosed()
    if review.reviewer_id == lead.pk:
        raise OwnAnswer()
    if not review.effective:
        raise ReturnImpossible("It no longer counts.")
