from __future__ import annotations

from django.db import connection
from django.db.models import QuerySet

from annotations.models import QueueEntry


def skip_locked(entries: QuerySet[QueueEntry]) -> QuerySet[QueueEntry]:
    """Lock the entries that nobody works on right now and look past the others.

    Of two sweeps at once each takes what the other left. SQLite has one writer at a time and
    needs no lock.
    """
    if connection.features.has_select_for_update_skip_locked:
        return entries.select_for_update(skip_locked=True, of=("self",))
    return entries
