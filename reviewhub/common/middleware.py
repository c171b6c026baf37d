"""What happens to every request before and after its view; the order stands in settings/base.py."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation

from reviewhub.common import metrics
from reviewhub.common.errors import (
    LengthRequired,
    Malformed,
    ReviewHubError,
    TooLarge,
    UnsupportedMedia,
)
from reviewhub.common.problems import known, respond
from reviewhub.common.request_id import accepted_or_new

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# A string up to its end or the body's, or one bracket. Possessive: no input makes it look twice.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[\]{}]', re.DOTALL)
_ZONES = frozenset(available_timezones())


class JsonTooDeep(Malformed):
    """`limit` says how deep it may be."""

    code = "json_too_deep"
    title = "The JSON is nested too deeply"


class RequestId:
    """Every answer carries X-Request-ID: the caller's own if it is harmless, else ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Not request.headers, which would be kept as it is before the id is written into it.
        request_id = accepted_or_new(request.META.get("HTTP_X_REQUEST_ID"))
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class RequestMetrics:
    """Counts answers and their seconds per route."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        metrics.observe_request(
            method=request.method or "",
            route=match.route if match else "",
            status=response.status_code,
            seconds=time.perf_counter() - began,
        )
        return response


class BodyLimits:
    """Refuse a body before anything parses it: of no length, too long, or JSON too deep."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _check_length(request)
            _check_json(request)
        except ReviewHubError as error:
            return respond(error, request)
        return self.get_response(request)


class PersonalLocale:
    """Times in the person's time zone, words in their language; UTC and English for programs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return self.get_response(request)
        zone = getattr(request.user, "time_zone", "UTC")
        language = getattr(request.user, "language", settings.LANGUAGE_CODE)
        with (
            timezone.override(ZoneInfo(zone if zone in _ZONES else "UTC")),
            translation.override(language),
        ):
            return self.get_response(request)


class Problems:
    """Errors that a page's view raises become an answer; bugs stay Django's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, (ReviewHubError, OperationalError)):
            return None
        error = known(exception)
        return respond(error, request) if error else None


def _check_length(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length:
        if request.headers.get("Transfer-Encoding"):
            raise LengthRequired
        return
    if not length.isascii() or not length.isdigit():
        raise Malformed("Content-Length is not a number.")
    if int(length) > settings.REVIEWHUB_MAX_BODY_BYTES:
        raise TooLarge(limit=settings.REVIEWHUB_MAX_BODY_BYTES)


def _check_json(request: HttpRequest) -> None:
    if "json" not in (request.content_type or ""):
        return
    if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMedia("JSON is sent as UTF-8.")
    limit = settings.REVIEWHUB_MAX_JSON_DEPTH
    if depth_exceeds(request.body, limit):
        raise JsonTooDeep(limit=limit)


def depth_exceeds(body: bytes, limit: int) -> bool:
    """Whether arrays and objects nest deeper than `limit`; one pass, valid JSON or not."""
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    depth = 0
    for token in _TOKEN.finditer(body):
        first = token[0][:1]
        if first in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif first in b"]}":
            depth -= 1
    return False
