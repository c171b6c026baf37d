from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from annotations.actions.pin_example import item_of, record_pin
from annotations.models import LabelExample, Project, User


def unpin_example(
    *, project: Project, item_uid: UUID, label_key: str, lead: User, now: datetime
) -> bool:
    """Show it there no longer; whether it was. Raises UnknownItem."""
    with transaction.atomic():
        item = item_of(project, item_uid)
        rows = LabelExample.objects.filter(project=project, label_key=label_key, item=item)
        gone, _ = rows.delete()
        if gone:
            record_pin(
                project=project,
                item=item,
                label_key=label_key,
                lead=lead,
                action="example.unpin",
                now=now,
            )
    return bool(gone)
