from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from annotations.actions.close_referrals import close_referrals
from annotations.domain import counters
from annotations.domain.states import EntryState, check_transition
from annotations.errors import UnknownEntry
from annotations.models import (
    Assignment,
    AssignmentState,
    Item,
    ItemContent,
    Prediction,
    Project,
    QueueEntry,
    StoredImage,
)
from annotations.queries.versions import review_policy, taxonomy
from reviewhub.common import tally
from reviewhub.common.statements import Statement, execute, partly


class _Locked(NamedTuple):
    """Columns of an entry by their names in the model, then some of its neighbours."""

    id: int
    uid: UUID
    project_id: int
    item_id: int
    taxonomy_id: int
    prediction_id: int
    policy_id: int
    state: str
    state_changed_at: datetime
    predicted_key: str
    audited: bool
    blind: bool
    is_gold: bool
    answers_wanted: int
    answers_given: int
    slots_open: int
    external_id: str
    prediction_uid: UUID
    image_id: int | None
    image_uid: UUID | None


_OWN = _Locked._fields[:-4]
_LOCK = f"""
    SELECT {", ".join(f"entry.{name}" for name in _OWN)}, item.external_id, prediction.uid,
        image.id, image.uid
    FROM annotations_queueentry entry
    JOIN annotations_item item ON item.id = entry.item_id
    JOIN annotations_prediction prediction ON prediction.id = entry.prediction_id
    LEFT JOIN annotations_itemcontent content ON content.item_id = entry.item_id
    LEFT JOIN annotations_storedimage image ON image.id = content.image_id
    WHERE entry.uid = %(uid)s AND entry.project_id = %(project)s
"""  # noqa: S608 (names of this file)
_LOCK_FOR_ANSWER = {
    "postgresql": Statement(f"{_LOCK} FOR UPDATE OF entry", _Locked),
    "sqlite": Statement(_LOCK, _Locked),
}

_SAVE = """
    UPDATE annotations_queueentry
    SET state = %(state)s, state_changed_at = %(changed)s, slots_open = %(slots)s,
        answers_given = %(given)s
    WHERE id = %(entry)s
"""

_END_LEASES = """
    UPDATE annotations_assignment SET state = 'released', ended_at = %(now)s
    WHERE entry_id = %(entry)s AND state = 'held'
"""


def move_entry(
    *,
    entry: QueueEntry,
    to: EntryState,
    leases_held: bool = True,
    counted: Mapping[str, int] | None = None,
    now: datetime,
) -> None:
    """Bring a locked entry into another state of the published machine, and end its leases.

    An entry that leaves `awaiting_review` has nothing to hand out, so no slot stays open and
    whoever still looks at it will be told on submitting. A caller who knows that nobody does says
    so by `leases_held`. A referral ends where a lead's part ends. The move is added to the
    counters, and with it what the caller has `counted` of today. Raises InvalidTransition.
    """
    before = EntryState(entry.state)
    check_transition(before, to)
    entry.state = to
    entry.state_changed_at = now
    if to == EntryState.AWAITING_REVIEW:
        entry.slots_open = open_slots(entry)
    else:
        entry.slots_open = 0
        if leases_held:
            execute(_END_LEASES, entry=entry.pk, now=now)
    save_entry(entry)
    if before == EntryState.AWAITING_ADJUDICATION or to == EntryState.WITHDRAWN:
        close_referrals(entry_id=entry.pk, now=now)
    amounts = dict(counted or {})
    if not entry.is_gold:
        amounts |= {counters.state(before): -1, counters.state(to): 1}
    day = tally.day_of(now, entry.project.site_time_zone) if counted else tally.NO_DAY
    tally.add(entry.project_id, day, amounts)


def save_entry(entry: QueueEntry) -> None:
    """Write the state and the counts of a locked entry."""
    execute(
        _SAVE,
        entry=entry.pk,
        state=str(entry.state),
        changed=entry.state_changed_at,
        slots=entry.slots_open,
        given=entry.answers_given,
    )


def open_slots(entry: QueueEntry) -> int:
    """Answers that may still be handed out: wanted, less given, less leases held."""
    held = Assignment.objects.filter(entry=entry, state=AssignmentState.HELD).count()
    return max(0, entry.answers_wanted - entry.answers_given - held)


def lock_entry(*, project: Project, **lookup: object) -> QueueEntry:
    """The entry, locked until the transaction ends; raises UnknownEntry.

    The entry row is always the first lock taken, so actions on one entry queue up behind it.
    On SQLite the IMMEDIATE transaction has locked the whole database already.
    """
    entries = QueueEntry.objects.select_for_update(of=("self",)).filter(project=project, **lookup)
    entry = entries.select_related("policy", "taxonomy", "prediction", "item").first()
    if entry is None:
        raise UnknownEntry()
    entry.project = project
    return entry


def lock_for_answer(*, project: Project, uid: UUID) -> QueueEntry:
    """The same by one prepared statement, with no more loaded than an answer needs."""
    locked = _LOCK_FOR_ANSWER[connection.vendor].first(uid=uid, project=project.pk)
    if locked is None:
        raise UnknownEntry()
    image = None
    if locked.image_id is not None:
        image = partly(StoredImage, id=locked.image_id, uid=locked.image_uid)
    content = partly(ItemContent, item_id=locked.item_id, image=image)
    return partly(
        QueueEntry,
        **dict(zip(_OWN, locked, strict=False)),
        item=partly(Item, id=locked.item_id, external_id=locked.external_id, content=content),
        prediction=partly(Prediction, id=locked.prediction_id, uid=locked.prediction_uid),
        policy=review_policy(project, locked.policy_id),
        taxonomy=taxonomy(project, locked.taxonomy_id),
        project=project,
    )
