from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.approve_annotation import approve, refuse_own_answer
from annotations.actions.move_entry import lock_entry, move_entry
from annotations.actions.settle_entry import write_annotation
from annotations.domain.states import EntryState
from annotations.errors import EntryClosed, UnknownLabel
from annotations.models import Annotation, How, Outcome, Project, QueueEntry, User
from reviewhub.common import audit


def adjudicate(
    *,
    project: Project,
    entry_uid: UUID,
    lead: User,
    outcome: Outcome,
    label_key: str = "",
    now: datetime,
) -> Annotation:
    """A lead decides a dispute, or overrules an answer that awaits approval; approved with it.

    Raises OwnAnswer when the lead gave one of the answers, EntryClosed in any other state.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, uid=entry_uid)
        if entry.state not in (EntryState.AWAITING_ADJUDICATION, EntryState.AWAITING_APPROVAL):
            raise EntryClosed(state=entry.state)
        refuse_own_answer(entry, lead)
        _check_label(entry, outcome, label_key)
        annotation = write_annotation(
            entry=entry,
            outcome=outcome,
            label_key=label_key if outcome == Outcome.LABEL else "",
            how=How.ADJUDICATED,
            decided_by=lead,
            now=now,
        )
        if entry.state == EntryState.AWAITING_ADJUDICATION:
            move_entry(entry=entry, to=EntryState.AWAITING_APPROVAL, now=now)
        approve(entry=entry, annotation=annotation, lead=lead, now=now)
        audit.record(
            actor=actor_of(lead),
            action="entry.adjudicate",
            subject=entry,
            project_id=project.pk,
            after={"outcome": annotation.outcome, "label": annotation.label_key},
            now=now,
        )
    return annotation


def _check_label(entry: QueueEntry, outcome: Outcome, label_key: str) -> None:
    if outcome != Outcome.LABEL:
        return
    known = list(entry.taxonomy.labels.values_list("key", flat=True))
    if label_key not in known:
        raise UnknownLabel(label=label_key, known=known)
