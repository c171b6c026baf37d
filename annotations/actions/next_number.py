from __future__ import annotations

from typing import Any

from django.db.models import Max, QuerySet

from annotations.models import Project


def next_number(*, project: Project, rows: QuerySet[Any]) -> int:
    """The number after the highest of `rows`, under a lock on the project.

    Two people who revise at once get two numbers in a row: the second waits here until the first
    has committed. SQLite has no row locks; its transactions are IMMEDIATE and wait earlier.
    """
    Project.objects.select_for_update().get(pk=project.pk)
    highest: int | None = rows.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1
