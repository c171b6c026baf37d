"""What one person did in a project, and what a lead has returned to them.

The history of somebody who judges all day is long: it is read backwards in pieces of one size
along one index, so that a page costs the same however long it is, and whatever is searched for.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from annotations.domain.counters import answers_of
from annotations.domain.states import EntryState
from annotations.models import Comment, Project, Referral, Review, User
from reviewhub.common import tally
from reviewhub.common.errors import JsonDict
from reviewhub.common.statements import Statement

PAGE = 25
PIECE = 250
PIECES = 4
"""A search looks through so many pieces of the history at once, then offers to go on."""


@dataclass(frozen=True)
class OwnAnswer:
    id: int
    uid: UUID
    entry_id: int
    at: datetime
    verdict: str
    label_key: str
    answer: JsonDict | None
    reason: str
    blind: bool
    state: str
    external_id: str
    image_uid: UUID | None
    comments: Sequence[str]


@dataclass(frozen=True)
class OwnAnswers:
    """Answers that match, newest first; `before` is where to go on, None at the very beginning."""

    rows: Sequence[OwnAnswer]
    before: int | None
    looked_back_to: datetime | None


@dataclass(frozen=True)
class Returned:
    """An item that a lead has returned, and why."""

    uid: UUID
    external_id: str
    comment: str
    at: datetime


class _Row(NamedTuple):
    id: int
    uid: UUID
    entry_id: int
    created_at: datetime
    verdict: str
    label_key: str
    answer: str | None
    reason: str
    blind: bool
    project_id: int
    state: str
    external_id: str
    image_uid: UUID | None


_BEFORE = "AND (created_at, id) < (%(at)s, %(before)s)"
_PIECE = """
    SELECT review.id, review.uid, review.entry_id, review.created_at, review.verdict,
        review.label_key, review.answer, review.reason, review.blind, entry.project_id,
        entry.state, item.external_id, image.uid
    FROM (
        SELECT id, uid, entry_id, created_at, verdict, label_key, answer, reason, blind
        FROM annotations_review
        WHERE reviewer_id = %(reviewer)s AND effective {before}
        ORDER BY created_at DESC, id DESC
        LIMIT {piece}
    ) review
    JOIN annotations_queueentry entry ON entry.id = review.entry_id
    JOIN annotations_item item ON item.id = entry.item_id
    LEFT JOIN annotations_itemcontent content ON content.item_id = item.id
    LEFT JOIN annotations_storedimage image ON image.id = content.image_id
    ORDER BY review.created_at DESC, review.id DESC
"""
_NEWEST = Statement(_PIECE.format(before="", piece=PIECE), _Row)
_OLDER = Statement(_PIECE.format(before=_BEFORE, piece=PIECE), _Row)


def own_answers(
    project: Project,
    reviewer: User,
    *,
    matches: Callable[[OwnAnswer], bool] = lambda answer: True,
    before: int | None = None,
) -> OwnAnswers:
    """The person's answers that count, older than the one named by `before`, that match."""
    found: list[OwnAnswer] = []
    at = _moment(reviewer, before)
    seen: _Row | None = None
    for _ in range(PIECES):
        piece = _read(reviewer, at, before)
        own = _told([row for row in piece if row.project_id == project.pk], reviewer)
        for answer in own:
            if matches(answer):
                found.append(answer)
            if len(found) == PAGE:
                return OwnAnswers(found, answer.id, answer.at)
        if len(piece) < PIECE:
            return OwnAnswers(found, None, None)
        seen = piece[-1]
        at, before = seen.created_at, seen.id
    return OwnAnswers(found, before, at)


def answers_per_day(project: Project, reviewer: User, *, today: date) -> Mapping[date, int]:
    """Answers of this week, from Monday on, by day of the site; skips are none."""
    name, monday = answers_of(reviewer.pk), today - timedelta(days=today.weekday())
    kept = tally.by_day(project.pk, [name], since=monday)
    return {
        day: kept.get((day, name), 0)
        for day in (monday + timedelta(days=n) for n in range((today - monday).days + 1))
    }


def returned_to(project: Project, reviewer: User) -> list[Returned]:
    """What waits to be judged once more, the oldest first; by the index of open referrals."""
    opened = Referral.objects.filter(
        reviewer=reviewer,
        to="reviewer",
        closed_at__isnull=True,
        entry__project=project,
        entry__state=EntryState.AWAITING_REVIEW,
    )
    rows = opened.select_related("entry__item", "comment").order_by("created_at", "pk")
    return [
        Returned(row.uid, row.entry.item.external_id, _text(row.comment), row.created_at)
        for row in rows
    ]


def _moment(reviewer: User, before: int | None) -> datetime | None:
    if before is None:
        return None
    own = Review.objects.filter(pk=before, reviewer=reviewer)
    return own.values_list("created_at", flat=True).first()


def _read(reviewer: User, at: datetime | None, before: int | None) -> list[_Row]:
    if at is None:
        return list(_NEWEST.all(reviewer=reviewer.pk))
    return list(_OLDER.all(reviewer=reviewer.pk, at=at, before=before))


def _told(rows: Sequence[_Row], reviewer: User) -> Iterable[OwnAnswer]:
    comments = _comments([row.entry_id for row in rows], reviewer)
    for row in rows:
        yield OwnAnswer(
            id=row.id,
            uid=row.uid,
            entry_id=row.entry_id,
            at=row.created_at,
            verdict=row.verdict,
            label_key=row.label_key,
            answer=json.loads(row.answer) if row.answer else None,
            reason=row.reason,
            blind=row.blind,
            state=row.state,
            external_id=row.external_id,
            image_uid=row.image_uid,
            comments=comments[row.entry_id],
        )


def _comments(entry_ids: Sequence[int], author: User) -> Mapping[int, Sequence[str]]:
    said: dict[int, list[str]] = defaultdict(list)
    rows = Comment.objects.filter(entry__in=entry_ids, author=author, text__isnull=False)
    for entry_id, text in rows.order_by("pk").values_list("entry", "text"):
        said[entry_id].append(text or "")
    return said


def _text(comment: Comment | None) -> str:
    return (comment.text or "") if comment else ""
