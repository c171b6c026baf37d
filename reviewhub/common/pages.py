"""The small parts that pages of both apps are made of, as the templates name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext

from reviewhub.common.cursor import Cursor, Slice
from reviewhub.common.errors import ReviewHubError


@dataclass(frozen=True)
class Badge:
    """A state as colour, shape and word; tone is one of components/badge.html."""

    tone: str
    word: str


@dataclass(frozen=True)
class LabelMark:
    name: str
    colour_index: int


@dataclass(frozen=True)
class DrawnBox:
    """A box on a picture in its pixels; `by` is model, person or settled."""

    x: float
    y: float
    width: float
    height: float
    by: str
    mark: str
    """What stands at its corner, such as its number in a list."""

    @property
    def mark_y(self) -> float:
        """The model's marks stand at the bottom: a person's box often lies on the model's."""
        return self.y + self.height if self.by == "model" else self.y


@dataclass(frozen=True)
class Drawing:
    """Boxes to lay over a picture; `letter` is the height of their marks in its pixels."""

    width: int
    height: int
    boxes: tuple[DrawnBox, ...]

    @property
    def letter(self) -> float:
        return round(max(self.width, self.height) / 36, 2)


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Fact:
    name: str
    value: object
    url: str | None = None


@dataclass(frozen=True)
class Event:
    """One line of a story: kind is model, route, person, settled or system."""

    kind: str
    title: str
    at: datetime
    text: str = ""
    label: LabelMark | None = None
    facts: tuple[Fact, ...] = ()
    links: tuple[Link, ...] = ()
    id: str = ""


@dataclass(frozen=True)
class Confirm:
    """A button that asks first, as components/confirm.html draws it."""

    id: str
    opener: str
    title: str
    text: str
    action: str
    label: str
    kind: str = "primary"
    ask_reason: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    """Hidden ones, such as what the person saw when they decided."""


@dataclass(frozen=True)
class Pages:
    previous_url: str | None
    next_url: str | None
    text: str = ""


def pages_of(part: Slice[Any], path: str, query: Mapping[str, str]) -> Pages:
    """Links to the neighbouring pages, with the rest of the query string kept."""
    kept = {key: value for key, value in query.items() if key not in ("before", "after") and value}
    through = part.looked_through
    text = f"{many(through, 'row')} looked through, more lie beyond" if through else ""
    return Pages(_url(path, kept, part.newer), _url(path, kept, part.older), text)


def cursor_of(query: Mapping[str, str]) -> Cursor:
    """The cursor of a query string; one that is no number begins at the newest row."""
    return Cursor(before=_number(query.get("before", "")), after=_number(query.get("after", "")))


def many(number: int, thing: str, things: str = "") -> str:
    """“1 entry”, “2 entries”."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def told(error: ReviewHubError) -> str:
    """An expected error in a line of text; the detail only where it adds to the title."""
    title = gettext(error.title)
    return title if error.detail == error.title else f"{title}. {gettext(error.detail)}"


def _number(text: str) -> int | None:
    # More digits than a bigint has are no id, and would be an error in the database.
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _url(path: str, kept: Mapping[str, str], cursor: Cursor | None) -> str | None:
    if cursor is None:
        return None
    where = {"before": cursor.before} if cursor.before is not None else {"after": cursor.after}
    return f"{path}?{urlencode({**kept, **where})}"
