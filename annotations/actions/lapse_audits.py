from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from annotations.actions.move_entry import move_entry
from annotations.actions.skip_locked import skip_locked
from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import QueueEntry
from reviewhub.common import audit, tally
from reviewhub.common.actor import Actor


def lapse_audits(*, now: datetime, limit: int = 500) -> int:
    """Put on record which audits nobody answered in time; how many there were.

    They are non-response, which every estimate must know of, and never "not drawn". An entry that
    only an audit asked for, and that has no answer, expires: a late answer would come from other
    hours and other people than the rest. Any other keeps waiting, marked as lapsed. What somebody
    holds at this moment lapses when the lease has ended without an answer.
    """
    with transaction.atomic():
        due = QueueEntry.objects.filter(
            state=EntryState.AWAITING_REVIEW,
            audited=True,
            lapsed_at__isnull=True,
            lapses_at__lte=now,
            # No lease is out. In the entry's own row, so that a claim of this moment is seen.
            slots_open=F("answers_wanted") - F("answers_given"),
        ).order_by("lapses_at")
        entries = list(skip_locked(due).select_related("project")[:limit])
        QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(lapsed_at=now)
        for entry in entries:
            if entry.only_audit and entry.answers_given == 0:
                move_entry(entry=entry, to=EntryState.EXPIRED, now=now)
        _record(entries, now)
    return len(entries)


def _record(entries: Sequence[QueueEntry], now: datetime) -> None:
    projects = {entry.project_id: entry.project for entry in entries}
    for project_id, lapsed in Counter(entry.project_id for entry in entries).items():
        project = projects[project_id]
        tally.add(project_id, tally.day_of(now, project.site_time_zone), {counters.LAPSED: lapsed})
        audit.record(
            actor=Actor.system("sweeper"),
            action="audits.lapse",
            subject=project,
            project_id=project_id,
            after={"lapsed": lapsed},
            now=now,
        )
