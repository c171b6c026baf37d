from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F, QuerySet

from annotations.actions.move_entry import move_entry
from annotations.actions.skip_locked import skip_locked
from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import Project, QueueEntry, Review
from reviewhub.common import audit, tally
from reviewhub.common.actor import Actor
from reviewhub.common.separately import separately


def lapse_audits(*, now: datetime, limit: int = 500) -> int:
    """Put on record which audits nobody answered in time; how many there were.

    They are non-response, which every estimate must know of, and never "not drawn". An entry that
    only an audit asked for, and that never had an answer, expires: a late answer would come from
    other hours and other people than the rest. Any other keeps waiting, marked as lapsed; so does
    one whose answer was taken back, to be judged anew. What somebody holds at this moment lapses
    when the lease has ended without an answer.

    Projects have equal shares of a round, and one that fails stops no other.
    """
    projects = Project.objects.filter(pk__in=_due(now).values("project")).order_by("pk")
    share = max(1, limit // max(1, len(projects)))
    told = separately({one.slug: partial(_lapse, one, now, share) for one in projects})
    return sum(told.values())


def _due(now: datetime) -> QuerySet[QueueEntry]:
    return QueueEntry.objects.filter(
        state=EntryState.AWAITING_REVIEW,
        audited=True,
        lapsed_at__isnull=True,
        lapses_at__lte=now,
        # No lease is out. In the entry's own row, so that a claim of this moment is seen.
        slots_open=F("answers_wanted") - F("answers_given"),
    )


def _lapse(project: Project, now: datetime, limit: int) -> int:
    with transaction.atomic():
        due = _due(now).filter(project=project).order_by("lapses_at")
        entries = list(skip_locked(due).select_related("project")[:limit])
        QueueEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(lapsed_at=now)
        taken_back = _taken_back(entries)
        for entry in entries:
            if entry.only_audit and entry.answers_given == 0 and entry.pk not in taken_back:
                move_entry(entry=entry, to=EntryState.EXPIRED, now=now)
        if entries:
            _record(project, len(entries), now)
    return len(entries)


def _taken_back(entries: Sequence[QueueEntry]) -> set[int]:
    """Those that somebody had answered."""
    undone = Review.objects.filter(entry__in=entries, verdict="undone")
    return set(undone.exclude(supersedes__verdict="skipped").values_list("entry", flat=True))


def _record(project: Project, lapsed: int, now: datetime) -> None:
    tally.add(project.pk, tally.day_of(now, project.site_time_zone), {counters.LAPSED: lapsed})
    audit.record(
        actor=Actor.system("sweeper"),
        action="audits.lapse",
        subject=project,
        project_id=project.pk,
        after={"lapsed": lapsed},
        now=now,
    )
