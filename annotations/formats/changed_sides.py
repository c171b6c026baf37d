"""A simulation's items that would change sides, as a table for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from annotations.models import SideChange

COLUMNS = ("external_id", "item", "side", "label", "confidence", "expected_cost", "reasons")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(changes: Iterable[SideChange]) -> Iterator[str]:
    """Line by line, the names of the columns first."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for change in changes:
        yield _taken(buffer)
        writer.writerow(_cells(change))
    yield _taken(buffer)


def _cells(change: SideChange) -> tuple[object, ...]:
    return (
        _harmless(change.item.external_id),
        change.item.uid,
        change.side,
        change.label_key,
        change.confidence,
        change.expected_cost,
        " ".join(reason["name"] for reason in change.reasons),
    )


def _harmless(text: str) -> str:
    """A name that a client gave must not become a formula in somebody's spreadsheet."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
