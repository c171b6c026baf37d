"""Boxes in a form: one row of fields a box, which works by keyboard and without a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from annotations.domain.boxes import Box
from reviewhub.common.errors import InvalidInput, JsonDict

PLACE = ("x", "y", "width", "height")
BLANK_ROWS = 3
RULES = {
    "label": _("expected a label."),
    "x": _("the box reaches outside the picture."),
    "y": _("the box reaches outside the picture."),
    "width": _("expected more than 0."),
    "height": _("expected more than 0."),
}


@dataclass(frozen=True)
class BoxRow:
    """The fields of one box as they were typed; a row without any number is blank."""

    label: str = ""
    x: str = ""
    y: str = ""
    width: str = ""
    height: str = ""
    remove: bool = False
    by: str = "person"
    """Who put the box there, model or person."""

    @property
    def place(self) -> Sequence[str]:
        return self.x, self.y, self.width, self.height

    @property
    def blank(self) -> bool:
        return not any(self.place)


@dataclass(frozen=True)
class Draft:
    """What somebody had typed when the page came back for more rows, or with an error."""

    entry_uid: str
    rows: Sequence[BoxRow]


def blank_rows(number: int = BLANK_ROWS) -> list[BoxRow]:
    return [BoxRow()] * number


def rows_of(boxes: Iterable[Box], *, by: str = "person") -> list[BoxRow]:
    """Numbers as short as they may be for a box that is left alone to count as the same."""
    return [
        BoxRow(
            box.label,
            _short(box.x),
            _short(box.y),
            _short(box.width),
            _short(box.height),
            by=by,
        )
        for box in boxes
    ]


def rows_in(form: QueryDict) -> list[BoxRow]:
    """The rows of a posted form; InvalidInput when its fields do not belong together."""
    columns = [form.getlist(f"box_{name}") for name in ("label", *PLACE)]
    if len({len(column) for column in columns}) > 1:
        raise InvalidInput(errors=[{"field": "boxes", "message": "a field of a box is missing"}])
    removed = set(form.getlist("box_remove"))
    return [
        BoxRow(label, x.strip(), y.strip(), width.strip(), height.strip(), str(number) in removed)
        for number, (label, x, y, width, height) in enumerate(zip(*columns, strict=True), start=1)
    ]


def boxes_meant(form: QueryDict, rows: Sequence[BoxRow]) -> list[JsonDict]:
    """The boxes that the rows describe, unchecked: what is no number stays a text.

    None at all only when somebody meant it: by the button, or by removing what was there.
    """
    if "nothing" in form:
        return []
    boxes = [
        {"label": row.label, **dict(zip(PLACE, map(_number, row.place), strict=True))}
        for row in rows
        if not (row.blank or row.remove)
    ]
    if not boxes and not any(row.remove for row in rows):
        raise InvalidInput("No box was given. If there is nothing, say “Nothing there”.")
    return boxes


def problems_of(errors: Iterable[Mapping[str, str]], rows: Sequence[BoxRow]) -> list[str]:
    """What is wrong with boxes, by the numbers that the rows have on the page."""
    kept = [number for number, row in enumerate(rows, start=1) if not (row.blank or row.remove)]
    return [_told(error, kept) for error in errors]


def _told(error: Mapping[str, str], kept: Sequence[int]) -> str:
    at, _, field = error["field"].removeprefix("boxes[").partition("]")
    if not at.isdecimal() or int(at) >= len(kept):
        return error["message"]
    name = field.lstrip(".")
    told = {
        "number": kept[int(at)],
        "field": gettext(name),
        "fault": _fault(name, error["message"]),
    }
    return gettext("Box %(number)s %(field)s: %(fault)s") % told


def _fault(field: str, message: str) -> str:
    """The fault with its figures in English, the API's words; the rule alone in other languages."""
    rule = RULES.get(field)
    return gettext(rule) if rule and get_language() != settings.LANGUAGE_CODE else message


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
