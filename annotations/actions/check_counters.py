from __future__ import annotations

from django.db import connection, transaction

from annotations.models import Project
from annotations.queries.recount import Difference, differences
from reviewhub.common import tally


def check_counters(*, project: Project, repair: bool = False) -> list[Difference]:
    """Count the rows themselves and say which kept counters differ; `repair` adds what is missing.

    Both are read in one snapshot, so deeds under way disturb neither the comparison nor the
    repair: whatever they add is added to the repaired sum as well.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            # SQLite's transaction is one snapshot already.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found = differences(project)
        if repair:
            for each in found:
                tally.add(project.pk, each.day, {each.name: each.counted - each.kept})
    return found
