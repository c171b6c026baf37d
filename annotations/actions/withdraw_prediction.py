from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from annotations.actions.move_entry import lock_entry, move_entry
from annotations.domain.states import EntryState
from annotations.errors import ReasonMissing, UnknownPrediction
from annotations.models import (
    SPOKEN,
    Item,
    Prediction,
    Project,
    QueueEntry,
    RouteOutcome,
    Withdrawal,
)
from reviewhub.common import audit
from reviewhub.common.actor import Actor

UNSEEN = (EntryState.AWAITING_REVIEW, EntryState.AWAITING_CAPACITY)


def withdraw_prediction(
    *, project: Project, prediction_uid: UUID, reason: str, actor: Actor, now: datetime
) -> Withdrawal:
    """Take a prediction back: it counts in no estimate any more, and stays on record.

    People are spared the item when nobody has answered yet and no other prediction of it asked for
    them; where one did, that one is shown to them. What people have said stays: an annotation is
    the truth about the item, whoever was wrong about it. Withdrawing again changes nothing and
    answers with the first withdrawal.

    Locks the item, behind which later findings wait, then its entries in order of their ids, before
    anything is written.
    Raises UnknownPrediction, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing()
    with transaction.atomic():
        prediction = project.predictions.filter(uid=prediction_uid).first()
        if prediction is None:
            raise UnknownPrediction(prediction=str(prediction_uid))
        Item.objects.select_for_update(no_key=True).get(pk=prediction.item_id)
        entries = _locked_entries(project, prediction)
        withdrawal, is_new = Withdrawal.objects.get_or_create(
            prediction=prediction,
            defaults={
                "reason": reason.strip(),
                "actor_name": actor.name[:200],
                "created_at": now,
            },
        )
        if is_new:
            spared = _spare_people(prediction, entries, now)
            audit.record(
                actor=actor,
                action="prediction.withdraw",
                subject=prediction,
                project_id=project.pk,
                after={"reason": withdrawal.reason, "entries_withdrawn": spared},
                now=now,
            )
    return withdrawal


def _locked_entries(project: Project, prediction: Prediction) -> list[QueueEntry]:
    found = QueueEntry.objects.filter(item=prediction.item_id).order_by("pk")
    return [lock_entry(project=project, pk=pk) for pk in found.values_list("pk", flat=True)]


def _spare_people(prediction: Prediction, entries: list[QueueEntry], now: datetime) -> int:
    """Withdraw the entries that nobody needs any more; how many."""
    others = Prediction.objects.filter(
        item=prediction.item_id, withdrawal__isnull=True, routes__outcome=RouteOutcome.QUEUED
    )
    unseen = [entry for entry in entries if _unseen(entry)]
    if others.exists():
        for entry in unseen:
            _show_another(entry, prediction, others)
        return 0
    for entry in unseen:
        move_entry(entry=entry, to=EntryState.WITHDRAWN, now=now)
    return len(unseen)


def _show_another(entry: QueueEntry, gone: Prediction, others: QuerySet[Prediction]) -> None:
    """Unless somebody looks at it now, who must not confirm what they have not seen."""
    waits = entry.state == EntryState.AWAITING_REVIEW
    if entry.prediction_id != gone.pk or (waits and entry.slots_open != entry.answers_wanted):
        return
    of_its_words = others.annotate(in_words_of=SPOKEN).filter(in_words_of=entry.taxonomy.number)
    other = of_its_words.order_by("pk").first()
    if other is not None:
        shown = QueueEntry.objects.filter(pk=entry.pk)
        shown.update(prediction=other, predicted_key=other.label_key)


def _unseen(entry: QueueEntry) -> bool:
    return entry.state in UNSEEN and not entry.answers_given and not entry.is_gold
