"""The review half of the loop in counts that must add up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, Sum

from annotations.domain.states import EntryState
from annotations.models import (
    Approval,
    Assignment,
    AssignmentState,
    Item,
    QueueEntry,
    Review,
    Route,
    RouteOutcome,
)
from annotations.queries.accounting import queue_accounting


@dataclass(frozen=True)
class ReviewOverview:
    """Counts of one project; `predictions` = `accepted` + `queued`, entries are in one state each.

    `disputes_since` and `approvals_since` say how long the oldest of them has waited.
    """

    items: int
    imported: int
    predictions: int
    accepted: int
    queued: int
    audited: int
    entered: int
    by_state: Mapping[str, int]
    balanced: bool
    held: int
    reviews: int
    corrections: int
    review_seconds: float
    approved: int
    disputes_since: datetime | None
    approvals_since: datetime | None


def review_overview(project_id: int) -> ReviewOverview:
    """Eight queries at any size; a page that is read while predictions stream in may be one off."""
    routes = Route.objects.filter(prediction__item__project=project_id, sequence=1).aggregate(
        accepted=Count("pk", filter=Q(outcome=RouteOutcome.ACCEPTED)),
        queued=Count("pk", filter=Q(outcome=RouteOutcome.QUEUED)),
        audited=Count("pk", filter=Q(audited=True)),
    )
    items = Item.objects.filter(project=project_id).aggregate(
        all=Count("pk", distinct=True),
        predictions=Count("predictions"),
    )
    accounts = queue_accounting(project_id)
    reviews, seconds, corrections = _reviews(project_id)
    waiting = _oldest(project_id)
    return ReviewOverview(
        items=items["all"],
        imported=_imported(project_id),
        predictions=items["predictions"],
        accepted=routes["accepted"],
        queued=routes["queued"],
        audited=routes["audited"],
        entered=accounts.entered,
        by_state=accounts.by_state,
        balanced=accounts.balanced
        and items["predictions"] == routes["accepted"] + routes["queued"],
        held=_held(project_id),
        reviews=reviews,
        corrections=corrections,
        review_seconds=seconds,
        approved=accounts.by_state[EntryState.APPROVED],
        disputes_since=waiting.get(EntryState.AWAITING_ADJUDICATION),
        approvals_since=waiting.get(EntryState.AWAITING_APPROVAL),
    )


def _reviews(project_id: int) -> tuple[int, float, int]:
    figures = (
        Review.objects.filter(entry__project=project_id, effective=True)
        .exclude(verdict="skipped")
        .aggregate(
            reviews=Count("pk"),
            seconds=Sum("seconds"),
            corrections=Count("pk", filter=Q(verdict="corrected")),
        )
    )
    return figures["reviews"], figures["seconds"] or 0.0, figures["corrections"]


def _imported(project_id: int) -> int:
    return Approval.objects.filter(
        annotation__item__project=project_id, annotation__how="imported"
    ).count()


def _held(project_id: int) -> int:
    return Assignment.objects.filter(entry__project=project_id, state=AssignmentState.HELD).count()


def _oldest(project_id: int) -> dict[str, datetime]:
    waiting = [EntryState.AWAITING_ADJUDICATION, EntryState.AWAITING_APPROVAL]
    rows = QueueEntry.objects.filter(project=project_id, state__in=waiting)
    return dict(rows.values_list("state").annotate(since=Min("state_changed_at")))
