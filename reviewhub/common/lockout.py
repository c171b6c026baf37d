"""What somebody is told who has guessed a password wrong too often, and for how long to wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import floor
from typing import Any, cast

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from reviewhub.common.errors import RateLimited
from reviewhub.common.problems import respond


def too_many_logins(
    request: HttpRequest, _: object = None, credentials: dict[str, str] | None = None
) -> HttpResponse:
    """For AXES_LOCKOUT_CALLABLE: the name and address have guessed wrong too often."""
    seconds = _seconds_left(request, credentials)
    minutes = -(-seconds // 60)
    told = ngettext(
        "Too many wrong passwords. Try again in one minute, or ask an operator.",
        "Too many wrong passwords. Try again in %(minutes)s minutes, or ask an operator.",
        minutes,
    ) % {"minutes": minutes}
    return respond(RateLimited(told, retry_after=seconds), request)


def _seconds_left(request: HttpRequest, credentials: dict[str, str] | None) -> int:
    """Until the guesses that still count are few enough for another one to be heard.

    Those of one browser are a row, and count until the last of them is old enough.
    """
    handler, now = AxesProxyHandler.get_implementation(), cast(Any, request).axes_attempt_time
    rows: list[tuple[datetime, int]] = [
        row
        for attempts in handler.get_user_attempts(request, credentials)
        for row in attempts.values_list("attempt_time", "failures_since_start")
    ]
    left = sum(failures for _, failures in rows)
    for at, failures in sorted(rows):
        left -= failures
        if left < settings.AXES_FAILURE_LIMIT:
            wait: timedelta = at + settings.AXES_COOLOFF_TIME - now
            return max(0, floor(wait.total_seconds())) + 1
    return 1
