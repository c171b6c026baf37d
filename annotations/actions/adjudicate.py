from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.access import actor_of
from annotations.actions.approve_annotation import approve, refuse_own_answer
from annotations.actions.move_entry import lock_entry, move_entry
from annotations.actions.read_judgement import read_judgement
from annotations.actions.settle_entry import write_annotation
from annotations.domain.states import EntryState
from annotations.errors import EntryClosed
from annotations.models import Annotation, How, Outcome, Project, User
from reviewhub.common import audit


def adjudicate(
    *,
    project: Project,
    entry_uid: UUID,
    lead: User,
    outcome: Outcome,
    label_key: str = "",
    boxes: object = None,
    now: datetime,
) -> Annotation:
    """A lead decides a dispute, or overrules an answer that awaits approval; approved with it.

    Raises OwnAnswer when the lead gave one of the answers, EntryClosed in any other state, and
    what `read_judgement` raises.
    """
    with transaction.atomic():
        entry = lock_entry(project=project, uid=entry_uid)
        if entry.state not in (EntryState.AWAITING_ADJUDICATION, EntryState.AWAITING_APPROVAL):
            raise EntryClosed()
        refuse_own_answer(entry, lead)
        annotation = write_annotation(
            entry=entry,
            judgement=read_judgement(entry, label_key=label_key, boxes=boxes)
            if outcome == Outcome.LABEL
            else None,
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
            after={
                "outcome": annotation.outcome,
                "label": annotation.label_key,
                **(annotation.answer or {}),
            },
            now=now,
        )
    return annotation
