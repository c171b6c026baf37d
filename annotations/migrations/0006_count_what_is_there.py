from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Floor, TruncDate

NO_DAY = date(1970, 1, 1)

Counted = Iterator[tuple[date, str, int]]


def count(apps: Any, editor: Any) -> None:
    """From here on deeds add to counters; what was done before is counted this once.

    A project that has counters already was made after they were, and is left alone.
    """
    tally = apps.get_model("common", "Tally")
    for project in apps.get_model("annotations", "Project").objects.all():
        if tally.objects.filter(project_id=project.pk).exists():
            continue
        sums: Counter[tuple[date, str]] = Counter()
        for day, name, amount in [*_levels(apps, project), *_flows(apps, project)]:
            sums[day, name] += amount
        tally.objects.bulk_create(
            tally(project_id=project.pk, day=day, name=name, amount=amount)
            for (day, name), amount in sums.items()
            if amount
        )


def _levels(apps: Any, project: Any) -> Counted:
    entries = apps.get_model("annotations", "QueueEntry").objects.filter(
        project=project, is_gold=False
    )
    for state, number in entries.values_list("state").annotate(number=Count("pk")):
        yield NO_DAY, f"state:{state}", number
    yield from _by_day(project, entries, "created_at", {"entered": Count("pk")})


def _flows(apps: Any, project: Any) -> Counted:
    def rows(model: str, **lookup: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = apps.get_model("annotations", model).objects.filter(**lookup)
        return found

    items = rows("Item", project=project)
    yield from _by_day(project, items, "received_at", {"items": Count("pk")})
    predictions = rows("Prediction", project=project)
    yield from _by_day(project, predictions, "received_at", {"predictions": Count("pk")})
    imported = rows("Annotation", item__project=project, how="imported")
    yield from _by_day(project, imported, "created_at", {"imported": Count("pk")})
    outcomes = {
        "accepted": Count("pk", filter=Q(outcome="accepted")),
        "queued": Count("pk", filter=Q(outcome="queued")),
        "audited": Count("pk", filter=Q(audited=True)),
    }
    routes = rows("Route", prediction__project=project, sequence=1)
    yield from _by_day(project, routes, "created_at", outcomes)
    said = {
        "reviews": Count("pk"),
        "corrections": Count("pk", filter=Q(verdict="corrected")),
        "review_ms": Sum(Floor(F("seconds") * 1000)),
    }
    answers = rows("Review", entry__project=project, effective=True).exclude(verdict="skipped")
    yield from _by_day(project, answers, "created_at", said)
    for reviewer in answers.order_by().values_list("reviewer", flat=True).distinct():
        own = {f"reviews:{reviewer}": Count("pk")}
        yield from _by_day(project, answers.filter(reviewer=reviewer), "created_at", own)


def _by_day(project: Any, rows: QuerySet[Any], at: str, sums: dict[str, Any]) -> Counted:
    days = rows.annotate(site_day=TruncDate(at, tzinfo=ZoneInfo(project.site_time_zone)))
    named = {f"sum_{number}": each for number, each in enumerate(sums.values())}
    for row in days.order_by().values("site_day").annotate(**named):
        for number, name in enumerate(sums):
            yield row["site_day"], name, int(row[f"sum_{number}"] or 0)


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0005_append_only_again"),
        ("common", "0003_jobs_and_tallies"),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
