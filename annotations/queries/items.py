"""Items and everything that ever happened to one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, QuerySet

from annotations.errors import UnknownItem
from annotations.models import (
    Annotation,
    Comment,
    Item,
    Prediction,
    QueueEntry,
    Referral,
    Review,
    Route,
)
from reviewhub.common.cursor import PAGE_SIZE, Cursor, Slice, slice_by_id


@dataclass(frozen=True)
class ItemFilter:
    """What a lead looks for; empty fields ask nothing."""

    external_id: str = ""
    state: str = ""
    fold: str = ""


def items_page(
    project_id: int, wanted: ItemFilter, cursor: Cursor, size: int = PAGE_SIZE
) -> Slice[Item]:
    """One page of items, each with its first prediction, entry and current annotation."""
    items = Item.objects.filter(project=project_id)
    if wanted.external_id:
        items = items.filter(external_id__startswith=wanted.external_id)
    if wanted.state:
        entries = QueueEntry.objects.filter(project=project_id, state=wanted.state)
        # Not by a join: an item may have an entry under each of several taxonomies.
        items = items.filter(pk__in=entries.values("item"))
    if wanted.fold:
        items = items.filter(fold=wanted.fold)
    return slice_by_id(_with_state(items), cursor, size)


def items_by_uid(project_id: int, uids: Collection[str]) -> dict[str, Item]:
    """Those of the items that the project has, with their pictures; one query."""
    found = Item.objects.filter(project=project_id, uid__in=uids).select_related("content__image")
    return {str(item.uid): item for item in found}


def item_with_story(project_id: int, uid: UUID) -> Item:
    """One item with predictions, routes, reviews, annotations and approvals; UnknownItem."""
    routes = Route.objects.select_related("policy").order_by("sequence")
    reviews = Review.objects.select_related("reviewer").order_by("id")
    comments = Comment.objects.select_related("author").order_by("id")
    referrals = Referral.objects.select_related("referred_by", "reviewer").order_by("id")
    reviews = reviews.annotate(grid_cells=Count("grid__cells"))
    items = Item.objects.select_related("content__image").prefetch_related(
        Prefetch(
            "predictions",
            queryset=Prediction.objects.select_related("predictor")
            .prefetch_related(Prefetch("routes", queryset=routes))
            .order_by("id"),
        ),
        Prefetch(
            "queue_entries",
            queryset=QueueEntry.objects.prefetch_related(
                Prefetch("reviews", queryset=reviews),
                Prefetch("comments", queryset=comments),
                Prefetch("referrals", queryset=referrals),
            ).order_by("id"),
        ),
        Prefetch(
            "annotations",
            queryset=Annotation.objects.select_related(
                "taxonomy", "decided_by", "approval__approved_by"
            ).order_by("id"),
        ),
    )
    item = items.filter(project=project_id, uid=uid).first()
    if item is None:
        raise UnknownItem()
    return item


def _with_state(items: QuerySet[Item]) -> QuerySet[Item]:
    return items.select_related("content__image").prefetch_related(
        Prefetch("predictions", queryset=Prediction.objects.order_by("id")),
        Prefetch("queue_entries", queryset=QueueEntry.objects.order_by("id")),
        Prefetch(
            "annotations",
            queryset=Annotation.objects.select_related("approval", "entry").order_by(
                "-taxonomy__number", "-number"
            ),
        ),
    )
