"""The id that follows one request through logs, tasks, audit rows and webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from reviewhub.common.ids import uuid7

_answering: ContextVar[str] = ContextVar("answering", default="")
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def accepted_or_new(offered: str | None) -> str:
    """What a proxy or client offered, if it is harmless in a log; else a new one."""
    return offered if offered and _SANE.fullmatch(offered) else str(uuid7())


@contextmanager
def answering(request_id: str) -> Iterator[None]:
    """What happens inside belongs to the request of this id."""
    before = _answering.set(request_id)
    try:
        yield
    finally:
        _answering.reset(before)


def current_request_id() -> str:
    """Of the request, or of the task that a request has woken; empty outside of both."""
    # What the log knows is gathered anew each time: twenty times as slow, and asked all day.
    return _answering.get() or _logged()


def _logged() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
