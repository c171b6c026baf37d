from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from annotations.actions.approve_due import approve_entries
from annotations.actions.move_entry import move_entry, save_entry
from annotations.actions.read_judgement import repeats_prediction
from annotations.domain.judgements import columns_of
from annotations.domain.kinds import KINDS, Judgement
from annotations.domain.settling import AskMore, Dispute, Opinion, settle
from annotations.domain.states import EntryState
from annotations.models import Annotation, ApprovalMode, How, Outcome, QueueEntry, User
from annotations.signals import annotation_settled
from reviewhub.common import outbox, tally
from reviewhub.common.statements import insert_numbered


def settle_entry(
    *,
    entry: QueueEntry,
    opinions: Sequence[Opinion],
    leases_held: bool,
    counted: Mapping[str, int],
    now: datetime,
) -> Annotation | None:
    """Ask the settling rule whether the opinions about a locked entry suffice, and act on it.

    Settled: a new annotation, awaiting approval (approved at once where the policy gives no
    grace). Disputed: awaiting adjudication. Otherwise the entry goes on waiting for answers. The
    entry is saved with the counts that the caller gave it, and `counted` added to the counters.
    """
    policy = entry.policy
    decision = settle(
        opinions,
        kind=KINDS[entry.project.kind],
        answers_wanted=entry.answers_wanted,
        agreement_needed=policy.agreement_needed,
        skips_allowed=policy.skips_allowed,
    )
    if isinstance(decision, AskMore):
        save_entry(entry)
        tally.add(entry.project_id, tally.day_of(now, entry.project.site_time_zone), counted)
        return None
    move = partial(move_entry, entry=entry, leases_held=leases_held, counted=counted, now=now)
    if isinstance(decision, Dispute):
        move(to=EntryState.AWAITING_ADJUDICATION)
        return None
    annotation = write_annotation(
        entry=entry,
        judgement=decision.judgement,
        how=How(decision.how),
        decided_by=None,
        now=now,
    )
    move(to=EntryState.AWAITING_APPROVAL)
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
    annotation = insert_numbered(
        Annotation(
            item_id=entry.item_id,
            taxonomy_id=entry.taxonomy_id,
            outcome=Outcome.UNUSABLE if judgement is None else Outcome.LABEL,
            **columns_of(judgement),
            how=how,
            entry=entry,
            decided_by=decided_by,
            corrects=not repeats_prediction(entry, judgement),
            created_at=now,
        ),
        within=("item_id", "taxonomy_id"),
    )
    annotation_settled.send(
        sender=Annotation, project_id=entry.project_id, annotation_id=annotation.pk, now=now
    )
    _publish(entry, annotation, now)
    return annotation


def _publish(entry: QueueEntry, annotation: Annotation, now: datetime) -> None:
    outbox.publish(
        project_id=entry.project_id,
        type="annotation.settled",
        also=["annotation.corrected"] if annotation.corrects else [],
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
