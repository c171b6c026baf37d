"""Tells the story while it is played, and remembers it for the report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any

WIDTH = 88
EVERY = 4.0
"""Seconds between two lines of progress within one act."""


@dataclass
class Teller:
    """Lines begin with minutes and seconds since the start."""

    say: Callable[[str], None] = print
    clock: Callable[[], float] = time.monotonic
    acts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._began = self._told = self.clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self._began

    @contextmanager
    def act(self, title: str, *, kind: str = "system") -> Iterator[dict[str, Any]]:
        """One act of the story; what is written under `text` becomes its last line.

        `kind` is model, route, person, settled or system, as the pages draw it.
        """
        self.line(f"{len(self.acts) + 1}. {title}")
        told: dict[str, Any] = {"kind": kind, "title": title, "at": _now(), "text": ""}
        began = self.clock()
        yield told
        told["seconds"] = round(self.clock() - began, 1)
        told["facts"] = [{"name": "Took", "value": f"{told['seconds']:.0f} s"}]
        self.acts.append(told)
        self.line(f"   {told['text']} ({told['seconds']:.0f}\u00a0s)")

    def progress(self, text: str) -> None:
        """Said at most every few seconds, so that a pipe stays readable."""
        if self.clock() - self._told >= EVERY:
            self.line(f"   {text}")

    def line(self, text: str) -> None:
        self._told = self.clock()
        minutes, seconds = divmod(int(self.seconds), 60)
        lines = wrap(text, WIDTH, subsequent_indent="   ")
        self.say(f"{minutes}:{seconds:02d}  " + f"\n{'':6}".join(lines))


def _now() -> str:
    return datetime.now(UTC).isoformat()
