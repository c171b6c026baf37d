from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import F, Value
from django.db.models.functions import Least

from annotations.actions.move_entry import move_entry
from annotations.domain import counters
from annotations.domain.priority import AUDIT_DUE, virtual_deadline
from annotations.domain.queueing import QueueCandidate, earlier_of, moment_in
from annotations.domain.states import UNSETTLED, EntryState
from annotations.models import QueueEntry, Withdrawal
from reviewhub.common.errors import JsonDict

RENEWED = (EntryState.AWAITING_REVIEW, EntryState.EXPIRED)


def join_entries(
    *,
    taxonomy_id: int,
    waiting: Iterable[QueueCandidate],
    fresh: Mapping[int, JsonDict],
    now: datetime,
) -> Counter[str]:
    """Let new findings about items that have an entry already change what they may change.

    Locks the entries, in the order of their ids; `fresh` are the rows that new entries would have.
    An entry that nobody has seen becomes a blind audit if a prediction of its item is drawn, and
    an audit that lapsed without an answer gets an audit's time anew. What somebody saw with the
    prediction shown, or has settled, can no longer be judged blind: such a draw is non-response
    from the start, and what to add to the counters says so. An audit that had expired waits again
    when another reason asks, and so does an item whose client took back, unseen, what had asked
    before.
    """
    by_item = {each.item_id: each for each in waiting}
    rows = QueueEntry.objects.select_for_update().filter(item__in=by_item, taxonomy=taxonomy_id)
    counted: Counter[str] = Counter()
    for entry in rows.order_by("pk"):
        candidate = by_item[entry.item_id]
        if entry.state == EntryState.WITHDRAWN:
            audits = _begin_again(entry, fresh[entry.item_id], now)
        else:
            audits = candidate.audited and _become_audit(entry, now)
            if not candidate.only_audit:
                _ask_again(entry, now)
                _hurry(entry, moment_in(now, candidate.due))
        counted[counters.LOST_AUDITS] += candidate.audited and not audits
    return +counted


def _ask_again(entry: QueueEntry, now: datetime) -> None:
    if entry.only_audit:
        entry.only_audit = False
        entry.save(update_fields=["only_audit"])
    if entry.state == EntryState.EXPIRED:
        # What is past was the audit's time.
        entry.due_at = None
        entry.save(update_fields=["due_at"])
        move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)


def _hurry(entry: QueueEntry, due: datetime | None) -> None:
    """A later finding may want an answer sooner; none makes it later."""
    if due is None or entry.state not in UNSETTLED:
        return
    if entry.due_at is None or due < entry.due_at:
        sooner = Least(F("sort_key"), Value(due.timestamp()))
        QueueEntry.objects.filter(pk=entry.pk).update(due_at=due, sort_key=sooner)


def _become_audit(entry: QueueEntry, now: datetime) -> bool:
    """Whether somebody may still answer the entry blind and in time, or has done so."""
    if entry.state in RENEWED and entry.lapsed_at is not None and not entry.answers_given:
        _renew(entry, now)
    if entry.state in (EntryState.AWAITING_CAPACITY, EntryState.EXPIRED):
        move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)
    if entry.audited:
        return entry.lapsed_at is None
    if _was_shown(entry):
        return False
    blind_key = virtual_deadline(received=now, blind=True)
    entry.due_at = earlier_of(entry.due_at, now + AUDIT_DUE)
    became = QueueEntry.objects.filter(
        pk=entry.pk,
        state=EntryState.AWAITING_REVIEW,
        audited=False,
        slots_open=F("answers_wanted"),
    ).update(
        audited=True,
        blind=True,
        due_at=entry.due_at,
        lapses_at=now + AUDIT_DUE,
        sort_key=Least(F("sort_key"), Value(blind_key)),
    )
    return became > 0


def _renew(entry: QueueEntry, now: datetime) -> None:
    """An audit of its own: what lapsed was that of another prediction, and stays non-response."""
    if entry.state == EntryState.EXPIRED or entry.due_at in (None, entry.lapses_at):
        entry.due_at = now + AUDIT_DUE
    entry.lapses_at, entry.lapsed_at = now + AUDIT_DUE, None
    entry.save(update_fields=["due_at", "lapses_at", "lapsed_at"])


def _begin_again(entry: QueueEntry, fresh: JsonDict, now: datetime) -> bool:
    """As a new entry, whatever the day's cap says, if it was a client who took the old one back;
    whether it is an audit now."""
    taken_back = Withdrawal.objects.filter(
        prediction__item=entry.item_id, created_at=entry.state_changed_at
    )
    if entry.answers_given or not taken_back.exists():
        return False
    names = ("prediction_id", "predicted_key", "audited", "only_audit", "blind", "sort_key")
    facts = {name: fresh[name] for name in (*names, "due_at", "lapses_at")}
    if _was_shown(entry):
        # Whoever saw the first prediction may see this one: the item is blind for nobody again.
        facts |= {"audited": False, "only_audit": False, "blind": False, "lapses_at": None}
        if fresh["due_at"] == fresh["lapses_at"]:
            facts["due_at"] = None
    QueueEntry.objects.filter(pk=entry.pk).update(**facts, lapsed_at=None)
    move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)
    return bool(facts["audited"])


def _was_shown(entry: QueueEntry) -> bool:
    """Whether somebody may have seen the prediction: a lease that ended and a skip leave no mark
    in the entry's own row."""
    return not entry.blind and (entry.assignments.exists() or entry.reviews.exists())
