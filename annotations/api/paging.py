"""Lists as the API tells them: a page, and the addresses of its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.bodies import invalid
from reviewhub.common.cursor import PAGE_SIZE, Slice
from reviewhub.common.errors import JsonDict
from reviewhub.common.pages import pages_of

MOST_ROWS = 200
PAGING = ("before", "after", "limit")

Row = TypeVar("Row", bound=Model)


def filters_of(request: Request, *known: str) -> dict[str, str]:
    """The filters among the query parameters; InvalidInput names one that is none of ours."""
    asked = {name: str(value) for name, value in request.query_params.items()}
    for name, value in asked.items():
        if name not in {*known, *PAGING}:
            raise invalid(name, f"Expected {', '.join((*known, *PAGING))}.")
        if "\0" in value:
            raise invalid(name, "No name holds NUL characters.")
    return {name: asked.get(name, "") for name in known}


def limit_of(request: Request) -> int:
    """How many rows a page has, 1 to 200; InvalidInput otherwise."""
    text = request.query_params.get("limit", str(PAGE_SIZE))
    # Judged by its length before it is read: Python refuses to read thousands of digits.
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= limit <= MOST_ROWS:
        raise invalid("limit", f"Expected a whole number from 1 to {MOST_ROWS}.")
    return limit


def page_answer(
    request: Request,
    name: str,
    part: Slice[Row],
    tell: Callable[[Row], JsonDict],
    kept: Mapping[str, str],
) -> Response:
    """`name` lists the rows; `older` and `newer` are addresses, or null at an end."""
    limit = request.query_params.get("limit", "")
    pages = pages_of(part, request.path, {**kept, "limit": limit})
    listed = [tell(row) for row in part.rows]
    return Response({name: listed, "older": pages.next_url, "newer": pages.previous_url})
