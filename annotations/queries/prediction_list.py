"""Predictions as clients go through them, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from annotations.models import Item, Prediction, Predictor, Route, RouteOutcome
from reviewhub.common.cursor import Cursor, Slice, slice_by_id


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
    """One page with items, predictors, withdrawals and routes; two queries, however long."""
    routes = Route.objects.select_related("policy").order_by("sequence")
    rows = _filtered(project_id, wanted).select_related("item", "predictor", "withdrawal")
    return slice_by_id(rows.prefetch_related(Prefetch("routes", queryset=routes)), cursor, size)


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
        queued = Exists(Route.objects.filter(prediction=OuterRef("pk"), outcome="queued"))
        rows = rows.filter(queued if wanted.outcome == RouteOutcome.QUEUED else ~queued)
    return rows
