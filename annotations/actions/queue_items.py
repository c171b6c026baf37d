from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Least

from annotations.actions.move_entry import move_entry
from annotations.domain.blind import shown_blind
from annotations.domain.priority import AUDIT_DUE, virtual_deadline
from annotations.domain.routing import Rules
from annotations.domain.states import UNSETTLED, EntryState
from annotations.models import Project, QueueEntry, ReviewPolicy, Withdrawal
from annotations.queries.versions import newest_review_policy
from reviewhub.common import tally
from reviewhub.common.bulk import insert
from reviewhub.common.errors import JsonDict
from reviewhub.common.ids import uuid7s
from reviewhub.statistics.sampling import keyed_uniform


class QueueCandidate(NamedTuple):
    """A routed prediction that people must see, and in what time, if that is said.

    `predicted_key` is in the words of the taxonomy in force.
    """

    prediction_id: int
    item_id: int
    external_id: str
    predicted_key: str
    audited: bool
    only_audit: bool
    expected_cost: float
    due: timedelta | None = None


def queue_items(
    *,
    project: Project,
    taxonomy_id: int,
    rules: Rules,
    candidates: Sequence[QueueCandidate],
    now: datetime,
) -> Counter[str]:
    """Queue each candidate's item once under the taxonomy in force; what to add to the counters.

    In the caller's transaction. Audits always enter. Of the others, the day's cap lets in the
    dearest first and holds the rest back, on record. An item that waits already stays one entry;
    if a later prediction of it is drawn for audit before anybody has seen it, the entry becomes a
    blind audit. Any other entry is left alone: what somebody saw with the prediction shown can no
    longer be judged blind. An audit that had expired waits again when another reason asks, and so
    does an item whose client took back, unseen, what had asked before.
    """
    if not candidates:
        return Counter()
    candidates = _one_an_item(candidates)
    policy = newest_review_policy(project)
    held_back = _beyond_the_cap(project, taxonomy_id, rules, candidates, now)
    ordered = sorted(candidates, key=lambda each: each.item_id)
    rows = [
        _entry(
            each,
            uid=uid,
            project=project,
            policy=policy,
            rules=rules,
            is_held_back=each.prediction_id in held_back,
            now=now,
        )
        for each, uid in zip(ordered, uuid7s(len(ordered)), strict=True)
    ]
    entered = insert(
        QueueEntry,
        rows,
        constants={
            "project_id": project.pk,
            "taxonomy_id": taxonomy_id,
            "policy_id": policy.pk,
            "is_gold": False,
            "answers_wanted": policy.answers_wanted,
            "answers_given": 0,
            "created_at": now,
            "state_changed_at": now,
        },
        ignore_conflicts=True,
        returning=("item_id", "state", "audited"),
    )
    counted = Counter({"entered": len(entered)})
    for _, state, audited in entered:
        counted[f"state:{state}"] += 1
        counted["let_in"] += state == EntryState.AWAITING_REVIEW and not audited
    new = {item_id for item_id, _, _ in entered}
    waiting = [each for each in candidates if each.item_id not in new]
    if waiting:
        _join(taxonomy_id, waiting, {row["item_id"]: row for row in rows}, now)
    return counted


def _one_an_item(candidates: Sequence[QueueCandidate]) -> list[QueueCandidate]:
    """Several predictors may ask for an item at once: whatever one of them needs is needed."""
    by_item: dict[int, QueueCandidate] = {}
    for each in candidates:
        first = by_item.setdefault(each.item_id, each)
        if first is not each:
            by_item[each.item_id] = first._replace(
                audited=first.audited or each.audited,
                only_audit=first.only_audit and each.only_audit,
                expected_cost=max(first.expected_cost, each.expected_cost),
                due=min((due for due in (first.due, each.due) if due is not None), default=None),
            )
    return list(by_item.values())


def _beyond_the_cap(
    project: Project,
    taxonomy_id: int,
    rules: Rules,
    candidates: Sequence[QueueCandidate],
    now: datetime,
) -> set[int]:
    """Predictions for whose entries today has no room left; calls at once may each use the last.

    The cap is a brake for people's days, no promise to a database: it is read from the counters,
    without a lock that every batch would wait for. What has an entry already takes no room.
    """
    if rules.daily_cap is None:
        return set()
    day = tally.day_of(now, project.site_time_zone)
    let_in = tally.totals(project.pk, prefix="let_in", day=day).get("let_in", 0)
    others = [each for each in candidates if not each.audited]
    room = max(0, rules.daily_cap - let_in)
    if len(others) <= room:
        return set()
    entries = QueueEntry.objects.filter(
        item__in=[each.item_id for each in others], taxonomy=taxonomy_id
    )
    here = set(entries.values_list("item", flat=True))
    new = [each for each in others if each.item_id not in here]
    new.sort(key=lambda each: -each.expected_cost)
    return {each.prediction_id for each in new[room:]}


def _entry(
    each: QueueCandidate,
    *,
    uid: UUID,
    project: Project,
    policy: ReviewPolicy,
    rules: Rules,
    is_held_back: bool,
    now: datetime,
) -> JsonDict:
    uniform = keyed_uniform(
        settings.REVIEWHUB_DRAW_KEY, "blind", str(project.uid), each.external_id
    )
    blind = shown_blind(audited=each.audited, share=policy.blind_share, uniform=uniform)
    return {
        "uid": uid,
        "item_id": each.item_id,
        "prediction_id": each.prediction_id,
        "state": EntryState.AWAITING_CAPACITY if is_held_back else EntryState.AWAITING_REVIEW,
        "slots_open": 0 if is_held_back else policy.answers_wanted,
        "sort_key": virtual_deadline(
            received=now,
            blind=blind,
            expected_cost=each.expected_cost,
            seconds_per_review=rules.review.seconds,
            hourly_cost=rules.review.hourly_cost,
            due=_moment(now, each.due),
        ),
        "predicted_key": each.predicted_key,
        "audited": each.audited,
        "only_audit": each.only_audit,
        "due_at": _earlier(_moment(now, each.due), now + AUDIT_DUE if each.audited else None),
        "lapses_at": now + AUDIT_DUE if each.audited else None,
        "blind": blind,
    }


def _moment(now: datetime, due: timedelta | None) -> datetime | None:
    return None if due is None else now + due


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _join(
    taxonomy_id: int,
    waiting: Iterable[QueueCandidate],
    fresh: Mapping[int, JsonDict],
    now: datetime,
) -> None:
    """Let new findings about items that have an entry already change what they may change."""
    by_item = {each.item_id: each for each in waiting}
    rows = QueueEntry.objects.select_for_update().filter(item__in=by_item, taxonomy=taxonomy_id)
    for entry in rows.order_by("pk"):
        candidate = by_item[entry.item_id]
        if entry.state == EntryState.WITHDRAWN:
            _begin_again(entry, fresh[entry.item_id], now)
            continue
        if candidate.audited:
            _become_audit(entry, now)
        if not candidate.only_audit:
            _ask_again(entry, now)
            _hurry(entry, _moment(now, candidate.due))


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


def _become_audit(entry: QueueEntry, now: datetime) -> None:
    if entry.state == EntryState.EXPIRED:
        # An audit of its own: what lapsed was that of another prediction.
        entry.due_at = now + AUDIT_DUE
        again = QueueEntry.objects.filter(pk=entry.pk)
        again.update(due_at=entry.due_at, lapses_at=entry.due_at, lapsed_at=None)
    if entry.state in (EntryState.AWAITING_CAPACITY, EntryState.EXPIRED):
        move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)
    if _was_shown(entry):
        return
    blind_key = virtual_deadline(received=now, blind=True)
    QueueEntry.objects.filter(
        pk=entry.pk,
        state=EntryState.AWAITING_REVIEW,
        audited=False,
        slots_open=F("answers_wanted"),
    ).update(
        audited=True,
        blind=True,
        due_at=_earlier(entry.due_at, now + AUDIT_DUE),
        lapses_at=now + AUDIT_DUE,
        sort_key=Least(F("sort_key"), Value(blind_key)),
    )


def _begin_again(entry: QueueEntry, fresh: JsonDict, now: datetime) -> None:
    """As a new entry, whatever the day's cap says, if it was a client who took the old one back."""
    taken_back = Withdrawal.objects.filter(
        prediction__item=entry.item_id, created_at=entry.state_changed_at
    )
    if entry.answers_given or not taken_back.exists():
        return
    names = ("prediction_id", "predicted_key", "audited", "only_audit", "blind", "sort_key")
    facts = {name: fresh[name] for name in (*names, "due_at", "lapses_at")}
    if fresh["audited"] and _was_shown(entry):
        facts |= {"audited": False, "only_audit": False, "lapses_at": None}
        if fresh["due_at"] == fresh["lapses_at"]:
            facts["due_at"] = None
    QueueEntry.objects.filter(pk=entry.pk).update(**facts, lapsed_at=None)
    move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)


def _was_shown(entry: QueueEntry) -> bool:
    """Whether somebody may have seen the prediction: a lease that ended and a skip leave no mark
    in the entry's own row."""
    return not entry.blind and (entry.assignments.exists() or entry.reviews.exists())
