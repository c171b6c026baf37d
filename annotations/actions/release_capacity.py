from __future__ import annotations

import sys
from datetime import date, datetime
from functools import partial

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from annotations.actions.move_entry import move_entry
from annotations.actions.skip_locked import skip_locked
from annotations.domain.states import EntryState
from annotations.models import Project, QueueEntry
from annotations.queries.policies import rules_in_force
from reviewhub.common import audit, tally
from reviewhub.common.actor import Actor
from reviewhub.common.separately import separately


def release_capacity(*, now: datetime, limit: int = 500) -> int:
    """Let in what the daily cap held back, most urgent first, while today has room; how many.

    Today is the day of the project's site and the cap that of the policy in force; without one,
    all that waits is let in, `limit` of a project at a time. A project that fails stops no other.
    """
    waiting = QueueEntry.objects.filter(project=OuterRef("pk"), state=EntryState.AWAITING_CAPACITY)
    # Asked by project, as the index over states begins with it: a queue may be long.
    projects = Project.objects.filter(Exists(waiting)).order_by("pk")
    told = separately(
        {one.slug: partial(_release, one.pk, now, limit) for one in projects.only("slug")}
    )
    return sum(told.values())


def _release(project_id: int, now: datetime, limit: int) -> int:
    with transaction.atomic():
        project = _alone(project_id)
        if project is None:
            return 0
        day = tally.day_of(now, project.site_time_zone)
        room = min(limit, _room(project, tally.totals(project_id, prefix="let_in", day=day)))
        held_back = QueueEntry.objects.filter(
            project=project, state=EntryState.AWAITING_CAPACITY
        ).order_by("sort_key", "pk")
        entries = list(skip_locked(held_back)[:room])
        for entry in entries:
            move_entry(entry=entry, to=EntryState.AWAITING_REVIEW, now=now)
        if entries:
            _record(project, day, len(entries), now)
    return len(entries)


def _record(project: Project, day: date, released: int, now: datetime) -> None:
    tally.add(project.pk, day, {"let_in": released, "released": released})
    audit.record(
        actor=Actor.system("sweeper"),
        action="capacity.release",
        subject=project,
        project_id=project.pk,
        after={"released": released},
        now=now,
    )


def _alone(project_id: int) -> Project | None:
    """The project, unless another sweep is at it: two would both use the last places of the day.

    `no_key`, as intake shares the row by its foreign keys and must not wait.
    """
    projects = Project.objects.filter(pk=project_id)
    if connection.features.has_select_for_update_skip_locked:
        projects = projects.select_for_update(skip_locked=True, no_key=True)
    return projects.first()


def _room(project: Project, let_in: dict[str, int]) -> int:
    """Places that are left today; what the cap does not count is without bound."""
    _, rules = rules_in_force(project)
    if rules.daily_cap is None:
        return sys.maxsize
    return max(0, rules.daily_cap - let_in.get("let_in", 0))
