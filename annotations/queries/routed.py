"""What has been routed, for workers that look at items later: is it new, does it teach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from annotations.domain.kinds import KINDS
from annotations.domain.routing import Reason, Rules, informative, novelty
from annotations.models import (
    Annotation,
    Prediction,
    QueueEntry,
    Route,
    RouteOutcome,
    RoutingPolicy,
)

__all__ = [
    "Doubt",
    "Reason",
    "Routed",
    "Waiting",
    "Watch",
    "doubtful",
    "informative",
    "last_before",
    "novelty",
    "routed_after",
    "waiting_after",
    "watched",
    "watched_projects",
]

LEAST_CONFIDENT = 4
"""Predictions read for each one returned by `doubtful`, at most MOST_READ."""

MOST_READ = 20_000


@dataclass(frozen=True)
class Watch:
    """What the routing policy in force asks workers to look for in a project."""

    project_id: int
    project_uid: UUID
    slug: str
    kind: str
    site_time_zone: str
    since: datetime
    """When this policy was made: what was routed before is nobody's business."""
    novelty_p_value: float | None
    novelty_per_day: int | None
    learning_budget: int | None


class Routed(NamedTuple):
    prediction_id: int
    item_id: int
    external_id: str
    received_at: datetime


class Waiting(NamedTuple):
    """How many predictions follow, counted up to a bound, and when the first of them came."""

    number: int
    oldest: datetime | None


class Doubt(NamedTuple):
    """An accepted prediction and how unsure its model is: 1 - margin, or 1 - confidence where a
    kind knows no margin."""

    prediction_id: int
    item_id: int
    uncertainty: float
    margin: float | None


def watched(project_id: int) -> Watch | None:
    """What to look for in one project; None if nothing."""
    return next(_watches(_in_force().filter(project=project_id)), None)


def watched_projects() -> list[Watch]:
    """Every project that asks for novelty or for items to learn from; one query."""
    return list(_watches(_in_force()))


def routed_after(
    project_id: int,
    after: int,
    *,
    limit: int,
    upto: int | None = None,
    received_before: datetime | None = None,
) -> list[Routed]:
    """Predictions that follow one in the order of their ids, those withdrawn left out.

    Ids are given before commits: a smaller id may appear later, for as long as an intake takes.
    """
    rows = Prediction.objects.filter(project=project_id, pk__gt=after, withdrawal__isnull=True)
    if upto is not None:
        rows = rows.filter(pk__lte=upto)
    if received_before is not None:
        rows = rows.filter(received_at__lte=received_before)
    found = rows.order_by("pk").values_list("pk", "item_id", "item__external_id", "received_at")
    return [Routed(*row) for row in found[:limit]]


def waiting_after(project_id: int, after: int, *, at_most: int) -> Waiting:
    """What follows a prediction: two queries that look at no more than `at_most` rows."""
    rows = Prediction.objects.filter(project=project_id, pk__gt=after, withdrawal__isnull=True)
    oldest = rows.order_by("pk").values_list("received_at", flat=True).first()
    return Waiting(rows.order_by("pk")[:at_most].count(), oldest)


def last_before(project_id: int, moment: datetime) -> int:
    """The id of the last prediction received before a moment, 0 if there is none.

    By halving the range of ids, which follow time but for the seconds an intake takes: there is
    no index over times, and none is worth its price at every insert.
    """
    rows = Prediction.objects.filter(project=project_id).values_list("pk", "received_at")
    newest = rows.order_by("-pk").first()
    low, high = 0, newest[0] if newest else 0
    while low < high:
        middle = (low + high + 1) // 2
        found = rows.filter(pk__lte=middle).order_by("-pk").first()
        if found is None or found[1] < moment:
            low = middle
        else:
            high = found[0] - 1
    return low


def doubtful(watch: Watch, *, start: datetime, end: datetime, limit: int) -> list[Doubt]:
    """Accepted predictions of a time of which the model was least sure, most unsure first.

    Of the learn fold only, not withdrawn, about items that nobody was asked about and whose label
    is not known. A margin of m takes a confidence of at most (1 + m) / 2, so the small margins are
    sought among the least confident.
    """
    asked = QueueEntry.objects.filter(item=OuterRef("item"))
    known = Annotation.objects.filter(item=OuterRef("item"))
    queued = Route.objects.filter(prediction=OuterRef("pk"), outcome=RouteOutcome.QUEUED)
    rows = Prediction.objects.filter(
        ~Exists(queued),
        ~Exists(asked),
        ~Exists(known),
        project=watch.project_id,
        pk__gt=last_before(watch.project_id, start),
        pk__lte=last_before(watch.project_id, end),
        received_at__gte=start,
        received_at__lt=end,
        item__fold="learn",
        withdrawal__isnull=True,
    ).order_by("confidence", "pk")
    restore = KINDS[watch.kind].restore
    doubts = [
        _doubt(pk, item_id, restore(answer).margin, confidence)
        for pk, item_id, answer, confidence in rows.values_list(
            "pk", "item_id", "answer", "confidence"
        )[: min(LEAST_CONFIDENT * limit, MOST_READ)]
    ]
    return sorted(doubts, key=lambda doubt: -doubt.uncertainty)[:limit]


def _doubt(pk: int, item_id: int, margin: float | None, confidence: float) -> Doubt:
    return Doubt(pk, item_id, 1 - (confidence if margin is None else margin), margin)


def _in_force() -> QuerySet[RoutingPolicy]:
    newest = RoutingPolicy.objects.filter(project=OuterRef("project")).order_by("-number")
    policies = RoutingPolicy.objects.filter(number=Subquery(newest.values("number")[:1]))
    return policies.select_related("project").order_by("project_id")


def _watches(policies: QuerySet[RoutingPolicy]) -> Iterator[Watch]:
    for policy in policies:
        rules = Rules.from_json(policy.rules)
        if rules.novelty or rules.learning:
            yield Watch(
                project_id=policy.project_id,
                project_uid=policy.project.uid,
                slug=policy.project.slug,
                kind=policy.project.kind,
                site_time_zone=policy.project.site_time_zone,
                since=policy.created_at,
                novelty_p_value=rules.novelty.p_value if rules.novelty else None,
                novelty_per_day=rules.novelty.per_day if rules.novelty else None,
                learning_budget=rules.learning.budget_per_day if rules.learning else None,
            )
