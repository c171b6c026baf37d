"""The id that follows one request through logs, tasks, audit rows and webhooks."""

from __future__ import annotations

import re

import structlog

from reviewhub.common.ids import uuid7

_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def accepted_or_new(offered: str | None) -> str:
    """What a proxy or client offered, if it is harmless in a log; else a new one."""
    return offered if offered and _SANE.fullmatch(offered) else str(uuid7())


def current_request_id() -> str:
    """Of the request, or of the task that a request has woken; empty outside of both."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
