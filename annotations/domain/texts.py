"""Texts of strangers, made fit to be looked at: nothing in them acts, and nothing hides."""

from __future__ import annotations

import re

# Joiners and the marks of direction stay: scripts and emoji need them, and they turn no other text.
HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, all but tab and line feed
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b"  # without any width
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # overriding direction, splitting lines
    "\U000e0000-\U000e007f"  # tags, in which whole sentences can be hidden
    "]"
)
RUN = re.compile(rf"({HIDDEN.pattern})\1*")
SPACE = re.compile(r"\s+")


def visible(text: str) -> str:
    """The text with what cannot be seen named: a zero-width space shows as ‹U+200B›.

    A run of one character is named once, with its length. Line breaks of other systems become
    ours. What turns the direction of text can then turn nothing outside of it.
    """
    return RUN.sub(_name, text.replace("\r\n", "\n").replace("\r", "\n"))


def excerpt(text: str, length: int = 80) -> str:
    """The beginning of a text in one line."""
    # Cut before looking through it: a text may have megabytes.
    line = SPACE.sub(" ", visible(text[: 4 * length])).strip()
    return line if len(line) <= length and len(text) <= 4 * length else line[: length - 1] + "…"


def _name(run: re.Match[str]) -> str:
    times = f" ×{len(run[0])}" if len(run[0]) > 1 else ""
    return f"‹U+{ord(run[1]):04X}{times}›"
