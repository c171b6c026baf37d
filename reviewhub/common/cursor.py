"""Pages of a growing list, newest first, that never shift while one reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
PAGE_SIZE = 50


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: rows older than `before`, or newer than `after`; ids, exclusive."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """Rows of one page; `older` and `newer` are the cursors of its neighbours, if any."""

    rows: Sequence[Row]
    older: Cursor | None
    newer: Cursor | None


def slice_by_id(rows: QuerySet[Row], cursor: Cursor, size: int = PAGE_SIZE) -> Slice[Row]:
    """One page by descending id, in one query whatever the list's length."""
    if cursor.after is not None:
        found = list(rows.filter(pk__gt=cursor.after).order_by("pk")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = rows.filter(pk__lt=cursor.before) if cursor.before is not None else rows
        found = list(older.order_by("-pk")[: size + 1])
        more_newer, more_older = cursor.before is not None, len(found) > size
        found = found[:size]
    if not found:
        return Slice(rows=[], older=None, newer=None)
    return Slice(
        rows=found,
        older=Cursor(before=found[-1].pk) if more_older else None,
        newer=Cursor(after=found[0].pk) if more_newer else None,
    )
