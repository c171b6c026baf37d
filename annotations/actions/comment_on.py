from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.move_entry import lock_entry
from annotations.domain.comments import read_comment
from annotations.models import Comment, Project, QueueEntry, User
from reviewhub.common import audit


def comment_on(
    *, project: Project, entry_uid: UUID, author: User, text: str, now: datetime
) -> Comment:
    """Keep what somebody says about an entry; the same words twice are said once.

    Raises UnknownEntry, CommentMissing and CommentTooLong.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, uid=entry_uid)
        comment, is_new = write_comment(entry=entry, author=author, text=text, now=now)
        if is_new:
            audit.record(
                actor=actor_of(author),
                action="entry.comment",
                subject=entry,
                project_id=project.pk,
                after={"comment": str(comment.uid)},
                now=now,
            )
    return comment


def write_comment(
    *, entry: QueueEntry, author: User, text: str, now: datetime
) -> tuple[Comment, bool]:
    """The comment on a locked entry, and whether it was not there before.

    The audit trail names it without its words: those can be erased, the trail cannot.
    """
    return Comment.objects.get_or_create(
        entry=entry, author=author, text=read_comment(text), defaults={"created_at": now}
    )
