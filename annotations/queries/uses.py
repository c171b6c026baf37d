"""Where the truth that stands on an answer has been used, as those tell who have used it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from annotations.domain.settling import Verdict
from annotations.domain.states import EntryState
from annotations.errors import UnknownEntry
from annotations.models import Annotation, How, Item, Project, QueueEntry, Review, User
from annotations.signals import annotation_in_use
from reviewhub.common.pages import Link


@dataclass(frozen=True)
class OwnUse:
    """An answer of one's own and where it went."""

    review_uid: UUID
    external_id: str
    where: list[Link]


@dataclass(frozen=True)
class Returnable:
    """An answer that a lead may return to whoever gave it."""

    review_uid: UUID
    reviewer: str


def where_used(entry: QueueEntry, review: Review) -> list[Link]:
    """Where the approved annotation that stands on the answer has been used, if there is one.

    True for as long as the entry is locked: nothing uses an annotation before it has locked its
    entry too.
    """
    if entry.state != EntryState.APPROVED or stands_without(entry, review):
        return []
    told = annotation_in_use.send(
        sender=Annotation, project=entry.project, annotation_ids=[_current(entry).pk]
    )
    return [link for _, links in told for link in cast(list[Link], links)]


def stands_without(entry: QueueEntry, review: Review) -> bool:
    """Whether the entry stays as it is when this answer is taken back."""
    if review.verdict == Verdict.SKIPPED:
        return entry.answers_given >= entry.answers_wanted
    return entry.state == EntryState.APPROVED and _current(entry).how == How.ADJUDICATED


def returnable(item: Item) -> list[Returnable]:
    """Answers of an item from `item_with_story` whose entry awaits approval."""
    return [
        Returnable(review.uid, review.reviewer.get_username())
        for entry in item.queue_entries.all()
        if entry.state == EntryState.AWAITING_APPROVAL
        for review in entry.reviews.all()
        if review.effective and review.verdict != Verdict.SKIPPED
    ]


def own_use(project: Project, reviewer: User, review_uid: UUID) -> OwnUse:
    """Of an answer of one's own; UnknownEntry for anybody else's."""
    rows = Review.objects.filter(uid=review_uid, reviewer=reviewer, entry__project=project)
    review = rows.select_related("entry__item", "entry__project").first()
    if review is None:
        raise UnknownEntry()
    where = where_used(review.entry, review)
    return OwnUse(review.uid, review.entry.item.external_id, where)


def _current(entry: QueueEntry) -> Annotation:
    return entry.annotations.order_by("-number")[:1].get()
