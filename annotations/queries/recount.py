"""The counters counted again from the rows themselves: slow, true, and for checking only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Floor, TruncDate

from annotations.domain import counters
from annotations.domain.judgements import judgement_in
from annotations.domain.kinds import KINDS
from annotations.domain.states import EntryState
from annotations.models import (
    Annotation,
    GridCell,
    Item,
    Outcome,
    Prediction,
    Project,
    QueueEntry,
    Review,
    Route,
)
from annotations.queries.predicted import agrees_with_prediction
from reviewhub.common import tally

Key = tuple[date, str]


@dataclass(frozen=True)
class Difference:
    """A counter that says something else than the rows do."""

    day: date
    name: str
    kept: int
    counted: int


def differences(project: Project) -> list[Difference]:
    """Every counter that is wrong, by day and name; call it inside one snapshot of the database.

    The counters checked are those that rows can tell: not the names of reasons, nor what only the
    moment knew (influence, what a cap let in).
    """
    counted: Counter[Key] = Counter()
    for key, number in _counted(project):
        counted[key] += number
    kept = tally.everything(project.pk)
    checked = {key for key in kept if _is_checked(key[1])} | set(counted)
    return [
        Difference(day, name, kept.get((day, name), 0), counted[day, name])
        for day, name in sorted(checked)
        if kept.get((day, name), 0) != counted[day, name]
    ]


def approved_labels(entries: QuerySet[Any]) -> int:
    """Of these entries, those approved with a label or boxes as their last answer."""
    last = Annotation.objects.filter(entry=OuterRef("pk")).order_by("-number")
    approved = entries.filter(state=EntryState.APPROVED).alias(
        outcome=Subquery(last.values("outcome")[:1])
    )
    labels: int = approved.filter(outcome=Outcome.LABEL).count()
    return labels


def _is_checked(name: str) -> bool:
    return name in _CHECKED or name.startswith(("state:", f"{counters.REVIEWS}:"))


_CHECKED = {
    counters.APPROVED_LABELS,
    counters.ITEMS,
    counters.IMPORTED,
    counters.PREDICTIONS,
    counters.ACCEPTED,
    counters.QUEUED,
    counters.AUDITED,
    counters.ENTERED,
    counters.GOLD,
    counters.REVIEWS,
    counters.CORRECTIONS,
    counters.REVIEW_MS,
    *counters.ANCHORING,
}


def _counted(project: Project) -> Iterator[tuple[Key, int]]:
    entries = QueueEntry.objects.filter(project=project, is_gold=False)
    for state, number in entries.values_list("state").annotate(number=Count("pk")):
        yield (tally.NO_DAY, counters.state(state)), number
    if labels := approved_labels(entries):
        yield (tally.NO_DAY, counters.APPROVED_LABELS), labels
    for rows, at, names in _flows(project):
        yield from _by_day(project, rows, at, names)
    yield from _by_person(project)
    yield from _nearly_repeated(project)


def _flows(project: Project) -> Iterable[tuple[QuerySet[Any], str, dict[str, Any]]]:
    """Rows, their moment, and what each day's sum of them is called."""
    routes = Route.objects.filter(prediction__project=project, sequence=1)
    imported = Annotation.objects.filter(item__project=project, how="imported")
    entries = QueueEntry.objects.filter(project=project, is_gold=False)
    return (
        (Item.objects.filter(project=project), "received_at", {counters.ITEMS: Count("pk")}),
        (imported, "created_at", {counters.IMPORTED: Count("pk")}),
        (
            Prediction.objects.filter(project=project),
            "received_at",
            {counters.PREDICTIONS: Count("pk")},
        ),
        (
            routes,
            "created_at",
            {
                counters.ACCEPTED: Count("pk", filter=Q(outcome="accepted")),
                counters.QUEUED: Count("pk", filter=Q(outcome="queued")),
                counters.AUDITED: Count("pk", filter=Q(audited=True)),
            },
        ),
        (entries, "created_at", {counters.ENTERED: Count("pk")}),
        (_gold(project), "grid__answered_at", {counters.GOLD: Count("pk")}),
        (
            _answers(project),
            "created_at",
            {
                counters.REVIEWS: Count("pk"),
                counters.CORRECTIONS: Count("pk", filter=Q(verdict="corrected")),
                counters.REVIEW_MS: Sum(Floor(F("seconds") * 1000)),
            },
        ),
        (
            _compared(project),
            "created_at",
            {
                counters.ANSWERS_SHOWN: Count("pk", filter=Q(blind=False)),
                counters.AGREE_SHOWN: Count("pk", filter=Q(blind=False, verdict="confirmed")),
                counters.ANSWERS_BLIND: Count("pk", filter=Q(blind=True)),
                counters.AGREE_BLIND: Count("pk", filter=Q(blind=True, verdict="confirmed")),
            },
        ),
    )


def _gold(project: Project) -> QuerySet[GridCell]:
    """Known items of grids that were answered."""
    return GridCell.objects.filter(
        grid__project=project, gold_odd__isnull=False, grid__answered_at__isnull=False
    )


def _answers(project: Project) -> QuerySet[Review]:
    effective = Review.objects.filter(entry__project=project, effective=True)
    return effective.exclude(verdict="skipped")


def _compared(project: Project) -> QuerySet[Review]:
    """Judgements that tell whether seeing the prediction made people repeat it."""
    judged = _answers(project).filter(verdict__in=["confirmed", "corrected"])
    return judged.filter(grid__isnull=True, entry__audited=False)


def _nearly_repeated(project: Project) -> Iterator[tuple[Key, int]]:
    """Corrections of boxes that were seen, and that agree with what was predicted all the same."""
    if KINDS[project.kind].judged_by != "boxes":
        return
    corrected = (
        _compared(project)
        .filter(blind=False, verdict="corrected")
        .select_related("entry__project", "entry__taxonomy", "entry__prediction__predictor")
    )
    for review in corrected.iterator():
        if agrees_with_prediction(review.entry, judgement_in(review.label_key, review.answer)):
            day = tally.day_of(review.created_at, project.site_time_zone)
            yield (day, counters.AGREE_SHOWN), 1


def _by_day(
    project: Project, rows: QuerySet[Model], at: str, sums: dict[str, Any]
) -> Iterator[tuple[Key, int]]:
    zone = ZoneInfo(project.site_time_zone)
    days = rows.annotate(site_day=TruncDate(at, tzinfo=zone)).values("site_day")
    for row in days.annotate(**{f"sum_{name}": value for name, value in sums.items()}):
        for name in sums:
            if row[f"sum_{name}"]:
                yield (row["site_day"], name), int(row[f"sum_{name}"])


def _by_person(project: Project) -> Iterator[tuple[Key, int]]:
    zone = ZoneInfo(project.site_time_zone)
    days = _answers(project).annotate(site_day=TruncDate("created_at", tzinfo=zone))
    rows = days.values_list("site_day", "reviewer").annotate(number=Count("pk"))
    for day, reviewer, number in rows:
        yield (day, counters.answers_of(reviewer)), number
