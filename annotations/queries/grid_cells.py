"""The grid that lies before a person, and the last one that they answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from annotations.domain.states import EntryState
from annotations.models import (
    Assignment,
    AssignmentState,
    Grid,
    GridCell,
    Item,
    Project,
    Review,
    User,
)


@dataclass(frozen=True)
class Cell:
    """One thumbnail; `review` is what its person says of the entry now, if anything."""

    position: int
    item: Item
    gold_odd: bool | None
    said_odd: bool | None
    state: str
    review: Review | None

    @property
    def waits(self) -> bool:
        """Whether it can still be answered; gold always can."""
        return not self.state or (self.state == EntryState.AWAITING_REVIEW and self.review is None)


def held_grid(project: Project, reviewer: User) -> Grid | None:
    """The latest grid shown to a person, if it is not answered and some of it still leased."""
    grid = _latest(project, reviewer).first()
    if grid is None or grid.answered_at is not None:
        return None
    return grid if leases_of(grid).exists() else None


def last_answered(project: Project, reviewer: User) -> Grid | None:
    return _latest(project, reviewer).filter(answered_at__isnull=False).first()


def leases_of(grid: Grid) -> QuerySet[Assignment]:
    """The leases that the grid itself took, of those still held."""
    return Assignment.objects.filter(
        reviewer=grid.reviewer_id,
        state=AssignmentState.HELD,
        claimed_at=grid.shown_at,
        entry__in=grid.cells.filter(entry__isnull=False).values("entry"),
    )


def cells_of(grid: Grid) -> Sequence[Cell]:
    """The grid in the order of the screen; two queries."""
    cells = grid.cells.select_related("item__content__image", "entry").order_by("position")
    own = Review.objects.filter(
        reviewer=grid.reviewer_id, effective=True, entry__in=grid.cells.values("entry")
    )
    reviews = {review.entry_id: review for review in own}
    return [_cell(cell, reviews.get(cell.entry_id or 0)) for cell in cells]


def _cell(cell: GridCell, review: Review | None) -> Cell:
    return Cell(
        position=cell.position,
        item=cell.item,
        gold_odd=cell.gold_odd,
        said_odd=cell.said_odd,
        state=cell.entry.state if cell.entry else "",
        review=review,
    )


def _latest(project: Project, reviewer: User) -> QuerySet[Grid]:
    return Grid.objects.filter(project=project, reviewer=reviewer).order_by("-shown_at", "-pk")
