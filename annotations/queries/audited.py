"""Which truths an audit draw gave, and by what chance: the only ones that stand for all traffic."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from annotations.models import Annotation, Route


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
    rows = Annotation.objects.filter(
        item__project=project_id,
        item__fold=fold,
        entry__audited=True,
        entry__lapsed_at__isnull=True,
    ).annotate(
        drawn=Subquery(first.values("audited")[:1]),
        odds=Subquery(first.values("inclusion_probability")[:1]),
    )
    return dict(rows.filter(drawn=True).values_list("pk", "odds"))
