"""What one reviewer's bench shows: the item held, what was answered, what is left.

Asked after every answer, so by hand-written statements; each costs the same at any length of the
queue and of the reviewer's own history.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from annotations.domain.counters import answers_of
from annotations.domain.reviewing import LATEST_UNDOABLE
from annotations.errors import UnknownEntry
from annotations.models import (
    Assignment,
    AssignmentState,
    Item,
    ItemContent,
    Prediction,
    Project,
    QueueEntry,
    Review,
    Route,
    StoredImage,
    User,
)
from annotations.queries.versions import taxonomy
from reviewhub.common.errors import JsonDict
from reviewhub.common.statements import Statement, partly


class _OnBench(NamedTuple):
    id: int
    uid: UUID
    item_id: int
    taxonomy_id: int
    prediction_id: int
    sort_key: float
    predicted_key: str
    blind: bool
    external_id: str
    slices: str
    text: str | None
    image_id: int | None
    image_uid: UUID | None
    width: int | None
    height: int | None
    predictor_id: int
    answer: str
    label_key: str
    confidence: float
    reasons: str | None
    returned: str | None


class OnBench(NamedTuple):
    """An entry for one person, and what a lead said who has returned it to them."""

    entry: QueueEntry
    returned: str


class Recent(NamedTuple):
    """An answer of the reviewer, and what has become of its entry."""

    uid: UUID
    verdict: str
    label_key: str
    answer: str | None
    blind: bool
    state: str
    taxonomy_id: int
    image_uid: UUID | None


class Standing(NamedTuple):
    """Answers given today by one person, skips left out, and entries left in the project.

    `rows` are those that the latter is the sum of.
    """

    today: int
    left: int
    rows: int


_ON_BENCH = Statement(
    """
    SELECT entry.id, entry.uid, entry.item_id, entry.taxonomy_id, entry.prediction_id,
        entry.sort_key, entry.predicted_key, entry.blind, item.external_id, item.slices,
        content.text, image.id, image.uid, image.width, image.height, prediction.predictor_id,
        prediction.answer, prediction.label_key, prediction.confidence, route.reasons,
        comment.text
    FROM annotations_queueentry entry
    JOIN annotations_item item ON item.id = entry.item_id
    JOIN annotations_prediction prediction ON prediction.id = entry.prediction_id
    LEFT JOIN annotations_route route ON route.prediction_id = entry.prediction_id
    LEFT JOIN annotations_itemcontent content ON content.item_id = entry.item_id
    LEFT JOIN annotations_storedimage image ON image.id = content.image_id
    LEFT JOIN annotations_referral referral ON referral.entry_id = entry.id
        AND referral.reviewer_id = %(reviewer)s AND referral.closed_at IS NULL
    LEFT JOIN annotations_comment comment ON comment.id = referral.comment_id
    WHERE entry.id = %(entry)s
    ORDER BY route.sequence
    """,
    _OnBench,
)

# The inner limit keeps this cheap for somebody whose last ten thousand answers are another
# project's.
_RECENT = Statement(
    f"""
    SELECT review.uid, review.verdict, review.label_key, review.answer,
        review.blind, entry.state,
        entry.taxonomy_id, image.uid
    FROM (
        SELECT id, uid, entry_id, verdict, label_key, answer, blind, created_at
        FROM annotations_review
        WHERE reviewer_id = %(reviewer)s AND effective
        ORDER BY created_at DESC, id DESC
        LIMIT 30
    ) review
    JOIN annotations_queueentry entry ON entry.id = review.entry_id
    LEFT JOIN annotations_itemcontent content ON content.item_id = entry.item_id
    LEFT JOIN annotations_storedimage image ON image.id = content.image_id
    WHERE entry.project_id = %(project)s
    ORDER BY review.created_at DESC, review.id DESC
    LIMIT {LATEST_UNDOABLE}
    """,  # noqa: S608 (a number of ours)
    Recent,
)

OPEN = "entry.project_id = %(project)s AND entry.state = 'awaiting_review' AND entry.slots_open > 0"
"""Entries that can be handed out; as the partial index says it, in whose order they are read."""

NOT_HAD = """
    NOT EXISTS (
        SELECT 1 FROM annotations_review review
        WHERE review.entry_id = entry.id AND review.reviewer_id = %(reviewer)s AND review.effective
    )
    AND NOT EXISTS (
        SELECT 1 FROM annotations_assignment lease
        WHERE lease.entry_id = entry.id AND lease.reviewer_id = %(reviewer)s
            AND lease.state = 'held'
    )
"""
"""Of these, what one person has neither answered nor holds: two index look-ups for each."""

BEYOND = "(entry.sort_key, entry.id) > (%(sort_key)s, %(entry)s)"
"""What comes after a place in the queue."""

LEFT = "state:awaiting_review"
"""The counter of entries left."""

# Sums of a few rows that the deeds have left behind: entries are never counted here.
_STANDING = Statement(
    """
    SELECT
        (SELECT COALESCE(SUM(amount), 0) FROM common_tally
            WHERE project_id = %(project)s AND name = %(own)s AND day = %(today)s),
        COALESCE(SUM(amount), 0), COUNT(*)
    FROM common_tally WHERE project_id = %(project)s AND name = 'state:awaiting_review'
    """,
    Standing,
)


def entry_on_bench(project: Project, entry_id: int, reviewer: User) -> OnBench:
    """An entry with all that the page shows of it loaded, and no more."""
    rows = _ON_BENCH.all(entry=entry_id, reviewer=reviewer.pk)
    row = rows[0]
    entry = partly(
        QueueEntry,
        id=row.id,
        uid=row.uid,
        sort_key=row.sort_key,
        predicted_key=row.predicted_key,
        blind=row.blind,
        project=project,
        item=_item(row),
        taxonomy=taxonomy(project, row.taxonomy_id),
        prediction=partly(
            Prediction,
            id=row.prediction_id,
            predictor_id=row.predictor_id,
            answer=json.loads(row.answer),
            label_key=row.label_key,
            confidence=row.confidence,
        ),
    )
    known = [reason for each in rows for reason in json.loads(each.reasons or "[]")]
    vars(entry)["reasons"] = known
    return OnBench(entry, row.returned or "")


def _item(row: _OnBench) -> Item:
    image = None
    if row.image_id is not None:
        image = partly(
            StoredImage, id=row.image_id, uid=row.image_uid, width=row.width, height=row.height
        )
    content = partly(ItemContent, item_id=row.item_id, image=image, text=row.text)
    return partly(
        Item,
        id=row.item_id,
        external_id=row.external_id,
        slices=json.loads(row.slices),
        content=content,
    )


def reasons_of(entry: QueueEntry) -> list[JsonDict]:
    """Every reason that ever queued the entry's prediction, as the routes recorded them."""
    known: list[JsonDict] | None = getattr(entry, "reasons", None)
    if known is not None:
        return known
    routes = Route.objects.filter(prediction=entry.prediction_id).order_by("sequence")
    return [reason for route in routes for reason in route.reasons]


def recent_reviews(project_id: int, reviewer: User) -> Sequence[Recent]:
    """The reviewer's latest effective answers in the project, newest first."""
    return _RECENT.all(reviewer=reviewer.pk, project=project_id)


def holds(reviewer: User, entry_id: int) -> bool:
    """Whether the person holds a lease of the entry."""
    leases = Assignment.objects.filter(entry=entry_id, reviewer=reviewer)
    return leases.filter(state=AssignmentState.HELD).exists()


def standing_of(project_id: int, reviewer: User, today: date) -> Standing:
    standing = _STANDING.all(project=project_id, own=answers_of(reviewer.pk), today=today)
    return standing[0]


def sent_with(project: Project, reviewer: User, token: UUID) -> UUID:
    """The person's answer that was sent with this token, counting or not; raises UnknownEntry."""
    reviews = Review.objects.filter(reviewer=reviewer, token=token, entry__project=project)
    uid = reviews.values_list("uid", flat=True).first()
    if uid is None:
        raise UnknownEntry()
    return uid
