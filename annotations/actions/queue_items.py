from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Least

from annotations.domain.blind import shown_blind
from annotations.domain.priority import virtual_deadline
from annotations.domain.states import EntryState
from annotations.models import Prediction, Project, QueueEntry, ReviewPolicy
from reviewhub.statistics.sampling import keyed_uniform


@dataclass(frozen=True)
class QueueCandidate:
    """A routed prediction that people must see; item and predictor (with taxonomy) loaded."""

    prediction: Prediction
    audited: bool


def queue_items(*, project: Project, candidates: Sequence[QueueCandidate], now: datetime) -> None:
    """Queue each candidate's item once per taxonomy, in the caller's transaction.

    An item that waits already stays one entry; if a later prediction of it is drawn for audit
    before anybody has seen it, the entry becomes a blind audit. Any other entry is left alone:
    what somebody saw with the prediction shown can no longer be judged blind.
    """
    if not candidates:
        return
    policy = project.review_policies.order_by("-number")[:1].get()
    QueueEntry.objects.bulk_create(
        (_entry(project, policy, candidate, now) for candidate in candidates),
        ignore_conflicts=True,
    )
    audit_key = virtual_deadline(received=now, audited=True)
    drawn = [candidate.prediction.item_id for candidate in candidates if candidate.audited]
    QueueEntry.objects.filter(
        item__in=drawn,
        state=EntryState.AWAITING_REVIEW,
        audited=False,
        slots_open=F("answers_wanted"),
    ).update(audited=True, blind=True, sort_key=Least(F("sort_key"), Value(audit_key)))


def _entry(
    project: Project, policy: ReviewPolicy, candidate: QueueCandidate, now: datetime
) -> QueueEntry:
    prediction = candidate.prediction
    uniform = keyed_uniform(
        settings.REVIEWHUB_DRAW_KEY, "blind", str(project.uid), prediction.item.external_id
    )
    return QueueEntry(
        project=project,
        item=prediction.item,
        taxonomy_id=prediction.predictor.taxonomy_id,
        prediction=prediction,
        policy=policy,
        state=EntryState.AWAITING_REVIEW,
        predicted_key=prediction.label_key,
        only_audit=False,
        sort_key=virtual_deadline(
            received=now,
            audited=candidate.audited,
            expected_cost=1.0 - prediction.confidence,
        ),
        audited=candidate.audited,
        blind=shown_blind(audited=candidate.audited, share=policy.blind_share, uniform=uniform),
        answers_wanted=policy.answers_wanted,
        slots_open=policy.answers_wanted,
        created_at=now,
        state_changed_at=now,
    )
