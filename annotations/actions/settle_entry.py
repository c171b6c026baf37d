from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from annotations.actions.approve_due import approve_entries
from annotations.actions.move_entry import move_entry
from annotations.actions.read_judgement import repeats_prediction
from annotations.domain.judgements import columns_of, judgement_in
from annotations.domain.kinds import KINDS, Judgement
from annotations.domain.settling import Dispute, Opinion, Settled, Verdict, settle
from annotations.domain.states import EntryState
from annotations.models import Annotation, ApprovalMode, How, Outcome, QueueEntry, User
from annotations.signals import annotation_settled
from reviewhub.common import outbox


def settle_entry(*, entry: QueueEntry, now: datetime) -> Annotation | None:
    """Ask the settling rule whether the answers of a locked entry suffice, and act on it.

    Settled: a new annotation, awaiting approval (approved at once where the policy gives no
    grace). Disputed: awaiting adjudication. Otherwise the entry goes on waiting for answers.
    """
    policy = entry.policy
    decision = settle(
        _opinions(entry),
        kind=KINDS[entry.project.kind],
        answers_wanted=entry.answers_wanted,
        agreement_needed=policy.agreement_needed,
        skips_allowed=policy.skips_allowed,
    )
    if isinstance(decision, Dispute):
        move_entry(entry=entry, to=EntryState.AWAITING_ADJUDICATION, now=now)
        return None
    if not isinstance(decision, Settled):
        return None
    annotation = write_annotation(
        entry=entry,
        judgement=decision.judgement,
        how=How(decision.how),
        decided_by=None,
        now=now,
    )
    move_entry(entry=entry, to=EntryState.AWAITING_APPROVAL, now=now)
    if policy.approval == ApprovalMode.AUTOMATIC and policy.grace_seconds == 0:
        approve_entries(entries=[entry], now=now)
    return annotation


def write_annotation(
    *,
    entry: QueueEntry,
    judgement: Judgement | None,
    how: How,
    decided_by: User | None,
    now: datetime,
) -> Annotation:
    """Append the entry's next annotation and tell the world, in the caller's transaction.

    Without a judgement the item is unusable.
    """
    earlier = Annotation.objects.filter(item=entry.item, taxonomy=entry.taxonomy)
    number = (earlier.aggregate(last=Max("number"))["last"] or 0) + 1
    annotation = Annotation.objects.create(
        item=entry.item,
        taxonomy=entry.taxonomy,
        number=number,
        outcome=Outcome.UNUSABLE if judgement is None else Outcome.LABEL,
        **columns_of(judgement),
        how=how,
        entry=entry,
        decided_by=decided_by,
        corrects=not repeats_prediction(entry, judgement),
        created_at=now,
    )
    annotation_settled.send(
        sender=Annotation, project_id=entry.project_id, annotation_id=annotation.pk, now=now
    )
    _publish(entry, annotation, now)
    return annotation


def _opinions(entry: QueueEntry) -> list[Opinion]:
    rows = entry.reviews.filter(effective=True).order_by("id")
    return [
        Opinion(row.reviewer_id, Verdict(row.verdict), judgement_in(row.label_key, row.answer))
        for row in rows
    ]


def _publish(entry: QueueEntry, annotation: Annotation, now: datetime) -> None:
    events = ["annotation.settled", *(["annotation.corrected"] if annotation.corrects else [])]
    for event in events:
        outbox.publish(
            project_id=entry.project_id,
            type=event,
            data={
                "annotation": str(annotation.uid),
                "external_id": entry.item.external_id,
                "prediction": str(entry.prediction.uid),
                "predicted": entry.predicted_key,
                "outcome": annotation.outcome,
                "label": annotation.label_key or None,
                **(annotation.answer or {}),
            },
            now=now,
        )
