"""What people may say in words: not nothing, not too much, and nothing that hides in it."""

from __future__ import annotations

from typing import Final

from annotations.domain.texts import HIDDEN, visible
from annotations.errors import CommentMissing, CommentTooLong

LONGEST: Final = 2_000
"""Characters; a line break counts as one, however the browser sends it."""


def read_comment(text: str) -> str:
    """The comment as it is kept; CommentMissing for nothing but blanks, CommentTooLong.

    Characters without width and those that turn the direction of text are named, as in the texts
    under review, so that a comment reads the same wherever it is shown.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if not HIDDEN.sub("", lines).strip():
        raise CommentMissing()
    if len(lines) > LONGEST:
        raise CommentTooLong(longest=LONGEST)
    return visible(lines).strip()
