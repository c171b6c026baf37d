"""Who did what to which thing: one row in the transaction of the deed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model

from reviewhub.common.actor import Actor
from reviewhub.common.errors import JsonDict
from reviewhub.common.models import AuditEntry
from reviewhub.common.request_id import current_request_id
from reviewhub.common.statements import insert


def record(
    *,
    actor: Actor,
    action: str,
    subject: Model | tuple[str, str],
    project_id: int | None,
    before: JsonDict | None = None,
    after: JsonDict | None = None,
    now: datetime,
) -> None:
    """Write one AuditEntry; call it inside the transaction that changes `subject`.

    `subject` is a saved row, named by its public uid where it has one, or (type, id) as text.
    """
    subject_type, subject_id = subject if isinstance(subject, tuple) else _named(subject)
    insert(
        AuditEntry(
            project_id=project_id,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:200],
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            before=before,
            after=after,
            request_id=current_request_id(),
            created_at=now,
        )
    )


def _named(row: Model) -> tuple[str, str]:
    return row._meta.label_lower, str(getattr(row, "uid", None) or row.pk)
