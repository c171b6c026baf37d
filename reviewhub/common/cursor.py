"""Pages of a growing list, newest first, that never shift while one reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50
LOOKED_THROUGH = 10_000
"""Rows of a list that are looked through for one page of those that are sought."""


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: rows older than `before`, or newer than `after`; ids, exclusive."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Rows of one page; `older` and `newer` are the cursors of its neighbours, if any.

    `looked_through` counts the rows that were looked through when more lie beyond them and the
    page is not full; its neighbour goes on from there.
    """

    rows: Sequence[Row]
    older: Cursor | None
    newer: Cursor | None
    looked_through: int | None = None


def slice_by_id(rows: QuerySet[Row], cursor: Cursor, size: int = PAGE_SIZE) -> Slice[Row]:
    """One page by descending id, in one query whatever the list's length.

    For rows that an index leads to; where it does not, `slice_sought`.
    """
    return _slice(rows, cursor, size, end=None)


def slice_sought(
    rows: QuerySet[Row], sought: QuerySet[Row], cursor: Cursor, size: int = PAGE_SIZE
) -> Slice[Row]:
    """One page of `sought` among `rows`, which an index has by id; two queries at any length.

    No index leads to what is sought: each would cost every row that is ever written, to spare the
    few who look. At most LOOKED_THROUGH rows are read, and the page may be short, even empty,
    while its neighbour goes on.
    """
    ids = rows.order_by().values_list("pk", flat=True)
    if cursor.after is not None:
        ids = ids.filter(pk__gt=cursor.after).order_by("pk")
    elif cursor.before is not None:
        ids = ids.filter(pk__lt=cursor.before).order_by("-pk")
    else:
        ids = ids.order_by("-pk")
    end = ids[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()
    return _slice(sought, cursor, size, end)


def _slice(rows: QuerySet[Row], cursor: Cursor, size: int, end: int | None) -> Slice[Row]:
    """`end` is the id of the last row to be looked at, None for the end of the list."""
    if cursor.after is not None:
        return _newer(rows, cursor.after, size, end)
    return _older(rows, cursor.before, size, end)


def _older(rows: QuerySet[Row], before: int | None, size: int, end: int | None) -> Slice[Row]:
    rows = rows.filter(pk__lt=before) if before is not None else rows
    rows = rows.filter(pk__gte=end) if end is not None else rows
    found = list(rows.order_by("-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if more:
        end = found[-1].pk
    newer = None
    if before is not None:
        newer = Cursor(after=found[0].pk if found else before - 1)
    return Slice(
        rows=found,
        older=Cursor(before=end) if end is not None else None,
        newer=newer,
        looked_through=LOOKED_THROUGH if end is not None and len(found) < size else None,
    )


def _newer(rows: QuerySet[Row], after: int, size: int, end: int | None) -> Slice[Row]:
    rows = rows.filter(pk__gt=after)
    rows = rows.filter(pk__lte=end) if end is not None else rows
    found = list(rows.order_by("pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if more:
        end = found[-1].pk
    found.reverse()
    return Slice(
        rows=found,
        older=Cursor(before=found[-1].pk if found else after + 1),
        newer=Cursor(after=end) if end is not None else None,
        looked_through=LOOKED_THROUGH if end is not None and len(found) < size else None,
    )
