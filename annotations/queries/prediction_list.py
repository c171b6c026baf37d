"""Predictions as clients go through them, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from annotations.models import Item, Prediction, Predictor, Route, RouteOutcome
from reviewhub.common.cursor import Cursor, Slice, slice_by_id, slice_sought


@dataclass(frozen=True)
class PredictionFilter:
    """What a client looks for; empty fields ask nothing.

    `outcome` is where a prediction stands now: queued as soon as any of its routes says so.
    """

    external_id: str = ""
    outcome: str = ""
    label: str = ""
    predictor: str = ""


def predictions_page(
    project_id: int, wanted: PredictionFilter, cursor: Cursor, size: int
) -> Slice[Prediction]:
    """One page with items, predictors, withdrawals and routes; three queries, however long.

    What is sought by anything but its name may be rare: see `slice_sought`.
    """
    routes = Route.objects.select_related("policy").order_by("sequence")
    rows = _filtered(project_id, wanted).select_related("item", "predictor", "withdrawal")
    rows = rows.prefetch_related(Prefetch("routes", queryset=routes))
    if wanted.external_id or wanted == PredictionFilter():
        return slice_by_id(rows, cursor, size)
    return slice_sought(Prediction.objects.filter(project=project_id), rows, cursor, size)


def _filtered(project_id: int, wanted: PredictionFilter) -> QuerySet[Prediction]:
    rows = Prediction.objects.filter(project=project_id)
    if wanted.external_id:
        items = Item.objects.filter(project=project_id, external_id=wanted.external_id)
        rows = rows.filter(item__in=items)
    if wanted.predictor:
        names = Predictor.objects.filter(project=project_id, name=wanted.predictor)
        rows = rows.filter(predictor__in=names)
    if wanted.label:
        rows = rows.filter(label_key=wanted.label)
    if wanted.outcome:
        # Asked of each row. EXISTS may be made a join with all routes that there are.
        queued = Route.objects.filter(prediction=OuterRef("pk"), outcome=RouteOutcome.QUEUED)
        rows = rows.alias(queued=Subquery(queued.values("pk")[:1]))
        rows = rows.filter(queued__isnull=wanted.outcome != RouteOutcome.QUEUED)
    return rows
