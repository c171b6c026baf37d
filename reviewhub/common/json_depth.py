"""How deep JSON nests, found out without parsing it."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import ClassVar

from reviewhub.common.errors import Malformed

# A string up to its end or the body's. Possessive: no input makes it look twice.
_STRINGS = re.compile(rb'"[^"\\]*+(?:\\.?[^"\\]*+)*+"?', re.DOTALL)
MOST_PIECES = 200_000
"""Strings that are taken out by splitting, five times faster; more would fill the memory."""

_ALIKE = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = [1 if byte == ord("{") else -1 for byte in range(256)]


class JsonTooDeep(Malformed):
    """`limit` says how deep it may be."""

    code: ClassVar[str] = "json_too_deep"
    title: ClassVar[str] = "The JSON is nested too deeply"


def depth_exceeds(body: bytes, limit: int) -> bool:
    """Whether arrays and objects nest deeper than `limit`, valid JSON or not."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    brackets = _without_strings(body).translate(_ALIKE, _NO_BRACKETS)
    # Each round takes away the innermost level. What balances is gone after as many rounds as it
    # is deep, ten times faster than bracket by bracket.
    left = brackets
    for _ in range(limit):
        if not left:
            return False
        left = left.replace(b"{}", b"")
    if not left:
        return False
    return any(depth > limit for depth in accumulate(map(_STEPS.__getitem__, brackets)))


def _without_strings(body: bytes) -> bytes:
    # Where no quote is escaped, what is between every second pair of them is outside.
    if b'\\"' in body or b"\\\\" in body or body.count(b'"') > MOST_PIECES:
        return _STRINGS.sub(b"", body)
    return b"".join(body.split(b'"')[::2])
