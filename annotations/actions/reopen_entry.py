from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.actions.undo_review import check_recent, give_back, own_answer
from annotations.models import Project, Review, User


def reopen_entry(*, project: Project, review_uid: UUID, reviewer: User, now: datetime) -> Review:
    """Take one's own answer back although a data set has used it, and judge the item anew.

    What was learned stays as it was frozen, and the old annotation stays in the item's history;
    the new answer counts from the next data set on. Otherwise as `undo_review`.
    """
    with transaction.atomic():
        entry, review = own_answer(project, review_uid, reviewer)
        undone = Review.objects.filter(supersedes=review).first()
        if undone is not None:
            return undone
        check_recent(entry, review)
        return give_back(entry=entry, review=review, action="entry.reopen", now=now)
