"""What happens to every request before and after its view; the order stands in settings/base.py."""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from reviewhub.common import metrics
from reviewhub.common.compression import MOST_JSON_BYTES, gunzip
from reviewhub.common.errors import (
    InvalidInput,
    LengthRequired,
    Malformed,
    ReviewHubError,
    TooLarge,
    UnsupportedMedia,
)
from reviewhub.common.json_depth import JsonTooDeep, depth_exceeds
from reviewhub.common.problems import DATABASE_AWAY, ask_no_more, known, respond
from reviewhub.common.request_id import accepted_or_new, answering

GetResponse = Callable[[HttpRequest], HttpResponseBase]

NDJSON = "application/x-ndjson"
# What programs read, and what operators read.
ENGLISH = ("/api/", "/admin/", "/metrics", "/livez", "/readyz")
_ZONES = frozenset(available_timezones())


class RequestId:
    """Every answer carries X-Request-ID: the caller's own if it is harmless, else ours."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Not request.headers, which would be kept as it is before the id is written into it.
        request_id = accepted_or_new(request.META.get("HTTP_X_REQUEST_ID"))
        request.META["HTTP_X_REQUEST_ID"] = request_id
        with answering(request_id):
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
    """Refuse a body before anything parses it: of no length, too long, or JSON too deep.

    JSON that comes compressed is plain from here on. NDJSON is many documents: the depth of each
    is for the door to judge, which refuses one line and takes the others.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _check_length(request)
            _unpack(request)
            _check_json(request)
        except ReviewHubError as error:
            return respond(error, request)
        return self.get_response(request)


class StorableForms:
    """Refuse what a page is sent with NUL characters in it: no PostgreSQL text can hold them.

    Bodies of the API are read, and judged, by its own parsers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponseBase | None:
        if request.path.startswith("/api/"):
            return None
        for name, values in (*request.GET.lists(), *request.POST.lists()):
            if any("\0" in str(value) for value in (name, *values)):
                told = [{"field": name.replace("\0", ""), "message": "holds NUL characters"}]
                return respond(InvalidInput(errors=told), request)
        return None


class PersonalLocale:
    """Times in the person's time zone, words in their language; UTC and English for programs.

    Whoever has chosen no language, or has not said who they are, is met in the language that this
    browser was used in last, else in the one it asks for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(ENGLISH):
            with translation.override(settings.LANGUAGE_CODE):
                return self._in_zone_of(request)
        chosen = _language_chosen(request)
        with translation.override(chosen or translation.get_language_from_request(request)):
            response = self._in_zone_of(request)
        if response.get("Content-Type", "").startswith("text/html"):
            _remember(chosen, request, response)
        return response

    def _in_zone_of(self, request: HttpRequest) -> HttpResponseBase:
        zone = getattr(_person(request), "time_zone", "UTC")
        with timezone.override(ZoneInfo(zone if zone in _ZONES else "UTC")):
            return self.get_response(request)


class Problems:
    """Errors that a page's view raises become an answer; bugs stay Django's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, (ReviewHubError, *DATABASE_AWAY)):
            return None
        if isinstance(exception, DATABASE_AWAY):
            ask_no_more(request)
        error = known(exception)
        return respond(error, request) if error else None


def _person(request: HttpRequest) -> object:
    """Who asks; programs have no session, and nobody looks for their user."""
    return request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None


def _language_chosen(request: HttpRequest) -> str:
    language = getattr(_person(request), "language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def _remember(chosen: str, request: HttpRequest, response: HttpResponseBase) -> None:
    """So that the next log-in at this browser is in the language of the last person."""
    if chosen and chosen != request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    if not chosen:
        patch_vary_headers(response, ["Accept-Language", "Cookie"])


def _check_length(request: HttpRequest) -> None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length:
        if request.headers.get("Transfer-Encoding"):
            raise LengthRequired
        return
    if not length.isascii() or not length.isdigit():
        raise Malformed("Content-Length is not a number.")
    limit = settings.REVIEWHUB_MAX_BODY_BYTES
    if _is_json(request):
        limit = min(limit, MOST_JSON_BYTES)
    # Python refuses to read thousands of digits.
    if len(length) > 18 or int(length) > limit:
        raise TooLarge(limit=limit)


def _unpack(request: HttpRequest) -> None:
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return
    if encoding not in {"gzip", "x-gzip"} or not _is_json(request):
        raise UnsupportedMedia("Only JSON may come compressed, and by gzip.", accepted=["gzip"])
    _replace_body(request, gunzip(request.body))


def _replace_body(request: HttpRequest, plain: bytes) -> None:
    """As if it had come like this: Django's own cache of the body, and the headers that tell."""
    request._body = plain
    request.META["CONTENT_LENGTH"] = str(len(plain))
    del request.META["HTTP_CONTENT_ENCODING"]
    del request.headers


def _check_json(request: HttpRequest) -> None:
    if not _is_json(request):
        return
    if (request.content_params or {}).get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMedia("JSON is sent as UTF-8.")
    limit = settings.REVIEWHUB_MAX_JSON_DEPTH
    if request.content_type != NDJSON and depth_exceeds(request.body, limit):
        raise JsonTooDeep(limit=limit)


def _is_json(request: HttpRequest) -> bool:
    return "json" in (request.content_type or "")
