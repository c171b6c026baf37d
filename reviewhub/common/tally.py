"""Counters that are kept, not counted: each deed adds its share, a page reads sums of a few rows.

Contributions are inserted in the transaction of the deed and never updated, so no row is hot and
counts stand or fall with what they count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Sum

from reviewhub.common.models import Tally
from reviewhub.common.statements import execute

LEVELS = ("state:", "level:")
NO_DAY = date(1970, 1, 1)
"""Counters whose names begin so say how many there are now. They are of no day, so that one row is
left of each however long an instance lives."""

FOLD_AT_MOST = 20_000
"""Rows that one transaction of the fold replaces: it holds no lock that anybody waits for."""


def add(project_id: int, day: date, amounts: Mapping[str, int]) -> None:
    """Add to the project's counters of that day; call it inside the transaction of the deed.

    Levels are added to those of no day, whatever `day` is.
    """
    given = [(name, amount) for name, amount in amounts.items() if amount]
    parameters: dict[str, object] = {"project": project_id}
    for number, (name, amount) in enumerate(given):
        parameters |= {f"name{number}": name, f"amount{number}": amount}
        parameters[f"day{number}"] = _day(name, day)
    if given:
        execute(_insertion(len(given)), **parameters)


@cache
def _insertion(rows: int) -> str:
    values = (f"(%(project)s, %(day{n})s, %(name{n})s, %(amount{n})s)" for n in range(rows))
    into = "common_tally (project_id, day, name, amount)"
    return f"INSERT INTO {into} VALUES {', '.join(values)}"  # noqa: S608 (numbers only)


def _day(name: str, day: date) -> date:
    return NO_DAY if name.startswith(LEVELS) else day


def totals(project_id: int, *, prefix: str = "", day: date | None = None) -> dict[str, int]:
    """The project's counters by name, those that begin with `prefix`, of one day or of all time."""
    rows = Tally.objects.filter(project_id=project_id, name__startswith=prefix)
    if day is not None:
        rows = rows.filter(day=day)
    return dict(rows.values_list("name").annotate(sum=Sum("amount")))


def of_projects(project_ids: Iterable[int], name: str) -> dict[int, int]:
    """One counter of several projects, of all time; a project that never had it is left out."""
    rows = Tally.objects.filter(project_id__in=list(project_ids), name=name)
    return dict(rows.values_list("project_id").annotate(sum=Sum("amount")))


def by_day(project_id: int, names: Iterable[str], *, since: date) -> dict[tuple[date, str], int]:
    """Counters of each day since `since`, that day included."""
    rows = Tally.objects.filter(project_id=project_id, name__in=list(names), day__gte=since)
    sums = rows.values_list("day", "name").annotate(sum=Sum("amount"))
    return {(day, name): amount for day, name, amount in sums}


def everything(project_id: int) -> dict[tuple[date, str], int]:
    """All counters of a project by day and name; for checking them."""
    rows = Tally.objects.filter(project_id=project_id)
    sums = rows.values_list("day", "name").annotate(sum=Sum("amount"))
    return {(day, name): amount for day, name, amount in sums}


def day_of(moment: datetime, time_zone: str) -> date:
    """The day on which this is, where the project's site is."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def day_begins(moment: datetime, time_zone: str) -> datetime:
    """When that day began."""
    return datetime.combine(day_of(moment, time_zone), time.min, tzinfo=ZoneInfo(time_zone))


def fold(*, limit: int = FOLD_AT_MOST) -> int:
    """Replace rows of the same counter and day by their sum; how many rows went."""
    crowded = (
        Tally.objects.values_list("project_id", "name", "day")
        .annotate(rows=Count("pk"))
        .filter(rows__gt=1)
        .order_by("-rows")[:500]
    )
    folded = 0
    for project_id, name, day, _ in crowded:
        if folded >= limit:
            break
        folded += _fold_one(project_id, name, day, limit)
    return folded


def fold_level(project_id: int, name: str) -> int:
    """The same of one level; how many rows went."""
    return _fold_one(project_id, name, NO_DAY, FOLD_AT_MOST)


def _fold_one(project_id: int, name: str, day: date, limit: int) -> int:
    with transaction.atomic():
        rows = Tally.objects.filter(project_id=project_id, name=name, day=day).order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            # Two folds at once share the work; each sums only what it deletes.
            rows = rows.select_for_update(skip_locked=True)
        found = list(rows.values_list("pk", "amount")[:limit])
        if len(found) < 2:
            return 0
        Tally.objects.filter(pk__in=[pk for pk, _ in found]).delete()
        add(project_id, day, {name: sum(amount for _, amount in found)})
    return len(found)
