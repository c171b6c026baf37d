from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from annotations.actions.move_entry import move_entry, open_slots
from annotations.actions.submit_review import amounts_of
from annotations.domain import counters
from annotations.domain.settling import Verdict
from annotations.domain.states import EntryState
from annotations.models import Assignment, Outcome, QueueEntry, Review, User
from annotations.queries.uses import stands_without
from reviewhub.common import tally
from reviewhub.common.ids import uuid7


def take_back(*, entry: QueueEntry, review: Review, now: datetime) -> Review:
    """Supersede an answer of a locked entry and uncount it; the row that does so is returned.

    The entry waits for answers again if it stands on this one. What a lead has decided stands on
    the lead; and a skip that colleagues have made up for leaves nothing to ask.
    """
    undone = _supersede(review, now)
    stays = stands_without(entry, review)
    if review.verdict != Verdict.SKIPPED:
        entry.answers_given -= 1
        _uncount(entry, review)
    if entry.state == EntryState.AWAITING_REVIEW:
        entry.slots_open = open_slots(entry)
    elif not stays:
        counted = _of_approval(entry)
        move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, counted=counted, now=now)
    entry.save(update_fields=["answers_given", "slots_open"])
    return undone


def lease_back(*, entry: QueueEntry, to: User, now: datetime, at_least: timedelta) -> bool:
    """Lease a locked entry to the person whose answer was taken back; False without a free slot.

    Of a skip, a colleague may hold the slot by now: it is theirs to judge.
    """
    if entry.slots_open == 0:
        return False
    lasts = max(timedelta(seconds=entry.policy.lease_seconds), at_least)
    Assignment.objects.create(entry=entry, reviewer=to, claimed_at=now, lease_until=now + lasts)
    entry.slots_open -= 1
    entry.save(update_fields=["slots_open"])
    return True


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


def _of_approval(entry: QueueEntry) -> Counter[str]:
    """What the approval that falls with the answer had added to the counters, taken away."""
    if entry.state != EntryState.APPROVED or entry.is_gold:
        return Counter()
    last = entry.annotations.order_by("-number").values_list("outcome", flat=True)[:1].get()
    return Counter({counters.APPROVED_LABELS: -(last == Outcome.LABEL)})


def _uncount(entry: QueueEntry, review: Review) -> None:
    """Take an answer away from the counters of the day on which it was given."""
    day = tally.day_of(review.created_at, entry.project.site_time_zone)
    given = amounts_of(review)
    tally.add(entry.project_id, day, {name: -amount for name, amount in given.items()})
