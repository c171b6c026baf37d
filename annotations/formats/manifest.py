"""A manifest of predictions, read line by line: it may be far larger than memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from annotations.formats.documents import MOST_ITEM_BYTES, decode_item
from annotations.formats.predictions import PredictionBody
from reviewhub.common.errors import ReviewHubError

_STEP = 1024 * 1024


@dataclass(frozen=True)
class Line:
    """`number` counts from 1, blank lines included, as editors do; `end` is the byte behind it."""

    number: int
    end: int
    body: PredictionBody | ReviewHubError


def lines_from(file: IO[bytes], *, number: int = 0, start: int = 0) -> Iterator[Line]:
    """What follows the first `number` lines, which end at byte `start`. No blank lines."""
    file.seek(start)
    at = start
    while raw := file.readline(MOST_ITEM_BYTES + 2):
        at += len(raw)
        if not raw.endswith(b"\n"):
            # Too long for an item: the rest of it is passed over, in steps.
            at += sum(len(rest) for rest in _rest_of_line(file))
        number += 1
        if not raw.isspace():
            yield Line(number, at, decode_item(raw.rstrip(b"\r\n"), PredictionBody))


def count_lines(file: IO[bytes]) -> int:
    """How many lines there are, blank ones included; one pass."""
    file.seek(0)
    lines, last = 0, b"\n"
    while step := file.read(_STEP):
        lines += step.count(b"\n")
        last = step[-1:]
    return lines + (last != b"\n")


def _rest_of_line(file: IO[bytes]) -> Iterator[bytes]:
    while rest := file.readline(_STEP):
        yield rest
        if rest.endswith(b"\n"):
            return
