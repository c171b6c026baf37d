from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction

from annotations.access import actor_of
from annotations.actions.close_referrals import close_returned
from annotations.actions.move_entry import lock_for_answer
from annotations.actions.read_judgement import read_judgement, repeats_prediction
from annotations.actions.repeat_answer import check_repeats
from annotations.actions.settle_entry import settle_entry
from annotations.domain import counters
from annotations.domain.judgements import columns_of, judgement_in
from annotations.domain.kinds import Judgement
from annotations.domain.settling import Opinion, Verdict
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
from annotations.models import Grid, Project, QueueEntry, Review, User
from annotations.queries.predicted import agrees_with_prediction, predicted_judgement
from annotations.queries.said import Said, said_of
from reviewhub.common import audit
from reviewhub.common.statements import execute, insert

Answer = Literal["confirm", "label", "boxes", "reject", "skip"]
LONGEST_SECONDS = 600.0
"""Time on screen is capped: a page left open over lunch is not work."""


@dataclass(frozen=True)
class _Stored:
    verdict: Verdict
    judgement: Judgement | None = None
    reason: str = ""


_END_LEASE = """
    UPDATE annotations_assignment SET state = 'answered', ended_at = %(now)s WHERE id = %(lease)s
"""

_TAKE_FROM_AHEAD = """
    UPDATE annotations_assignment SET state = 'released', ended_at = %(now)s
    WHERE id = %(lease)s AND state = 'held' AND soft
"""


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

    The same token again returns the stored answer; with anything else to say it is refused:
    AnsweredOtherwise, or TokenReused for another entry. A lease that ran out does not reject an
    answer while a slot is free, or only fetched ahead by a colleague; LeaseLost otherwise. Raises
    EntryClosed when the entry no longer waits for answers, AlreadyAnswered for a second one, and
    what `read_judgement` raises. What is answered by label or by boxes is the kind's affair.
    """

    def attempt() -> Review:
        with transaction.atomic():
            return answer_entry(
                project=project,
                entry_uid=entry_uid,
                reviewer=reviewer,
                verdict=verdict,
                label_key=label_key,
                boxes=boxes,
                reason=reason,
                token=token,
                seconds=seconds,
                now=now,
            )

    try:
        return attempt()
    except IntegrityError:
        # The same token raced itself on another entry: by now it is found, and refused.
        return attempt()


def answer_entry(
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
    grid: Grid | None = None,
    now: datetime,
) -> Review:
    """The same inside the caller's transaction: whatever is raised is raised before any write."""
    entry = lock_for_answer(project=project, uid=entry_uid)
    found = said_of(entry.pk, reviewer_id=reviewer.pk, token=token)
    said = [each for each in found if not each.lease]
    leases = [each for each in found if each.lease]
    if (stored := _replayed(entry, said, reviewer, token)) is not None:
        check_repeats(
            stored, entry, verdict=verdict, label_key=label_key, boxes=boxes, reason=reason
        )
        return stored
    returned = any(each.verdict == "undone" for each in said)
    said = [each for each in said if each.effective and each.entry_id == entry.pk]
    _check_open(entry, said, reviewer)
    answer = _answer(entry, verdict, label_key, boxes, reason)
    own, colleagues = _take_slot(entry, leases, reviewer, now)
    review = insert(
        Review(
            entry=entry,
            reviewer=reviewer,
            assignment_id=own.id if own else None,
            verdict=answer.verdict,
            **columns_of(answer.judgement),
            reason=answer.reason,
            blind=entry.blind,
            grid=grid,
            seconds=min(max(seconds, 0.0), LONGEST_SECONDS),
            token=token,
            created_at=now,
        )
    )
    _count(review, own, colleagues=colleagues, now=now)
    settle_entry(
        entry=entry,
        opinions=[
            *map(_opinion, said),
            Opinion(reviewer.pk, answer.verdict, answer.judgement),
        ],
        leases_held=colleagues > 0,
        counted=amounts_of(review) if answer.verdict != Verdict.SKIPPED else {},
        now=now,
    )
    if returned:
        close_returned(entry=entry, reviewer=reviewer, now=now)
    audit.record(
        actor=actor_of(reviewer),
        action="review.submit",
        subject=review,
        project_id=project.pk,
        after={"entry": str(entry.uid), "verdict": review.verdict},
        now=now,
    )
    return review


def _replayed(
    entry: QueueEntry, said: Sequence[Said], reviewer: User, token: UUID
) -> Review | None:
    mine = [each for each in said if each.reviewer_id == reviewer.pk and each.token == token]
    if not mine:
        return None
    if mine[0].entry_id != entry.pk:
        raise TokenReused()
    return Review.objects.get(pk=mine[0].id)


def _check_open(entry: QueueEntry, said: Sequence[Said], reviewer: User) -> None:
    if any(each.reviewer_id == reviewer.pk for each in said):
        raise AlreadyAnswered()
    if entry.state != EntryState.AWAITING_REVIEW:
        raise EntryClosed()


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


def _take_slot(
    entry: QueueEntry, leases: Sequence[Said], reviewer: User, now: datetime
) -> tuple[Said | None, int]:
    """The reviewer's lease, and how many leases of colleagues there are beside it.

    None when it ran out: then an open slot serves instead, or one that was fetched ahead, unseen.
    The page that had fetched it hears that it is gone.
    """
    own = next((lease for lease in leases if lease.reviewer_id == reviewer.pk), None)
    colleagues = len(leases) - bool(own)
    if own is not None or entry.slots_open > 0:
        return own, colleagues
    # A lease that is made firm at this moment stays: its person looks at the item now.
    if not any(each.soft and execute(_TAKE_FROM_AHEAD, lease=each.id, now=now) for each in leases):
        raise LeaseLost()
    return None, colleagues - 1


def _count(review: Review, own: Said | None, *, colleagues: int, now: datetime) -> None:
    """End the lease, and give the entry its new counts; whether it is settled saves them."""
    entry = review.entry
    if own is not None:
        execute(_END_LEASE, lease=own.id, now=now)
    if review.verdict != Verdict.SKIPPED:
        entry.answers_given += 1
    entry.slots_open = max(0, entry.answers_wanted - entry.answers_given - colleagues)


def amounts_of(review: Review) -> dict[str, int]:
    """What an answer that is no skip adds to the counters of its day."""
    return {
        counters.REVIEWS: 1,
        counters.CORRECTIONS: int(review.verdict == Verdict.CORRECTED),
        counters.REVIEW_MS: floor(review.seconds * 1000),
        counters.answers_of(review.reviewer_id): 1,
        **_anchoring(review),
    }


def _anchoring(review: Review) -> dict[str, int]:
    """Whether the prediction was repeated, seen or not; nothing of audits, grids and unusables.

    By how people agree, in both cases: what is stored as a correction of boxes that were seen may
    be a pixel off, and blind would be stored as a confirmation.
    """
    judged = review.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
    if not judged or review.grid_id is not None or review.entry.audited:
        return {}
    judgement = judgement_in(review.label_key, review.answer)
    agrees = int(
        review.verdict == Verdict.CONFIRMED or agrees_with_prediction(review.entry, judgement)
    )
    if review.blind:
        return {counters.ANSWERS_BLIND: 1, counters.AGREE_BLIND: agrees}
    return {counters.ANSWERS_SHOWN: 1, counters.AGREE_SHOWN: agrees}


def _opinion(said: Said) -> Opinion:
    answer = json.loads(said.answer) if said.answer else None
    judgement = judgement_in(said.label_key, answer)
    return Opinion(said.reviewer_id, Verdict(said.verdict), judgement)
