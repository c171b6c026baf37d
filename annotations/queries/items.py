"""Items and everything that ever happened to one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from annotations.errors import UnknownItem
from annotations.models import (
    SPEAKS_FIRST,
    Annotation,
    Comment,
    Item,
    Prediction,
    QueueEntry,
    Referral,
    Review,
    Route,
)
from reviewhub.common.cursor import PAGE_SIZE, Cursor, Slice, slice_by_id, slice_sought

FEW = 1_000
"""Items whose names begin alike that are gathered for one page of them."""

LAST = "\U0010ffff"
"""Behind every character that a name may go on with."""


@dataclass(frozen=True)
class ItemFilter:
    """What a lead looks for; empty fields ask nothing."""

    external_id: str = ""
    state: str = ""
    fold: str = ""


def items_page(
    project_id: int, wanted: ItemFilter, cursor: Cursor, size: int = PAGE_SIZE
) -> Slice[Item]:
    """One page of items, each with its first prediction, entry and current annotation.

    By the beginning of a name that few bear, all of them, or by a whole name; else `slice_sought`.
    """
    everything = Item.objects.filter(project=project_id)
    if wanted == ItemFilter():
        return slice_by_id(_with_state(everything), cursor, size)
    items = _with_state(_sought(everything, wanted))
    if wanted.external_id and (few := _few_named(everything, wanted.external_id)) is not None:
        return slice_by_id(items.filter(pk__in=few), cursor, size)
    return slice_sought(everything, items, cursor, size)


def _sought(items: QuerySet[Item], wanted: ItemFilter) -> QuerySet[Item]:
    if wanted.external_id:
        items = items.filter(**_named(wanted.external_id))
    if wanted.state:
        # Asked of each item, which may have an entry under each of several taxonomies. EXISTS may
        # be made a join with all entries that there are.
        entries = QueueEntry.objects.filter(item=OuterRef("pk"), state=wanted.state)
        items = items.alias(entry=Subquery(entries.values("pk")[:1])).filter(entry__isnull=False)
    if wanted.fold:
        items = items.filter(fold=wanted.fold)
    return items


def _few_named(items: QuerySet[Item], beginning: str) -> list[int] | None:
    """The items whose names begin so, by the index of names; None if there are many.

    Of many, the one whose whole name it is, if there is one: it comes first.
    """
    named = items.filter(**_named(beginning)).order_by("external_id")
    found = list(named.values_list("pk", "external_id")[: FEW + 1])
    if len(found) <= FEW:
        return [pk for pk, _ in found]
    pk, name = found[0]
    return [pk] if name == beginning else None


def _named(beginning: str) -> dict[str, str]:
    """Not LIKE, which heeds no case on SQLite: names are ordered by their bytes in both."""
    return {"external_id__gte": beginning, "external_id__lt": beginning + LAST}


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
            queryset=Annotation.objects.select_related("approval", "entry").order_by(*SPEAKS_FIRST),
        ),
    )
