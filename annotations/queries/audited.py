"""Which truths an audit draw gave, and by what chance: the only ones that stand for all traffic."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Subquery

from annotations.domain.responses import Response, response_in
from annotations.models import Annotation, Route


class _Found(NamedTuple):
    """An annotation, the draw of its item's first prediction, and what became of that audit."""

    pk: int
    odds: float
    drawn_at: datetime
    state: str
    lapses_at: datetime | None
    lapsed_at: datetime | None


def audit_odds(project_id: int, *, fold: str) -> dict[int, float]:
    """By annotation of the fold's items: the probability of the audit draw its truth came from.

    Of an item the first prediction that stands decides, the one that could not yet depend on what
    others said of it: drawn, its item was answered blind, as that audit and before it lapsed. An
    item that a later predictor was drawn on has no odds here: whether people could still judge it
    blind depended on who had doubted it before. One query.
    """
    first = Route.objects.filter(
        prediction__item=OuterRef("item"), prediction__withdrawal__isnull=True, sequence=1
    ).order_by("prediction")
    rows = (
        Annotation.objects.filter(item__project=project_id, item__fold=fold, entry__audited=True)
        .annotate(
            drawn=Subquery(first.values("audited")[:1]),
            odds=Subquery(first.values("inclusion_probability")[:1]),
            drawn_at=Subquery(first.values("created_at")[:1]),
        )
        .filter(drawn=True)
        .values_list(
            "pk", "odds", "drawn_at", "entry__state", "entry__lapses_at", "entry__lapsed_at"
        )
    )
    found = (_Found(*row) for row in rows)
    return {
        each.pk: each.odds
        for each in found
        if response_in(each, drawn_at=each.drawn_at) == Response.ANSWERED
    }
