"""Errors as answers: `application/problem+json` (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import RequestDataTooBig as DjangoTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.views import set_rollback

from reviewhub.common import errors
from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.request_id import current_request_id

CONTENT_TYPE = "application/problem+json"
BENCH_HEADER = "HTTP_X_BENCH"
"""Sent by the script of the workbench with all that it asks."""
DATABASE_AWAY = (OperationalError, InterfaceError)
"""What its driver raises while the database is gone, and once a connection to it is lost."""
logger = structlog.get_logger(__name__)


def problem(error: ReviewHubError, request: HttpRequest | Request) -> JsonDict:
    """The error as RFC 9457 wants it; `code`, `request_id` and the error's data are extensions.

    `type` is a relative reference that names the code; nothing need be there to fetch.
    """
    return {
        **error.data,
        "type": f"/problems/{error.code}",
        "title": said(error.title),
        "status": error.status,
        "detail": said(error.detail),
        "code": error.code,
        "instance": request.path,
        "request_id": current_request_id(),
    }


def said(text: object) -> str:
    """What an error says, in the language of who asks: errors are raised in English, and the API
    stays so."""
    return gettext(str(text)) if text else ""


def respond(error: ReviewHubError, request: HttpRequest) -> HttpResponse:
    """A problem document or the error page, as the caller can read it."""
    if wants_problem(request):
        response: HttpResponse = JsonResponse(
            problem(error, request), status=error.status, content_type=CONTENT_TYPE
        )
    else:
        response = render(request, "error.html", _page(error), status=error.status)
    for name, value in _headers(error).items():
        response[name] = value
    return response


def wants_problem(request: HttpRequest) -> bool:
    """Whether a program asks: everything below /api/, a script, whoever prefers JSON to HTML."""
    if request.path.startswith("/api/") or BENCH_HEADER in request.META:
        return True
    preferred = request.get_preferred_type(["text/html", "application/json", CONTENT_TYPE])
    return preferred in {"application/json", CONTENT_TYPE}


def handle(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """For DRF's EXCEPTION_HANDLER: whatever was expected; a bug goes on to `server_error`."""
    error = known(exc)
    if error is None:
        return None
    set_rollback()
    return respond(error, context["request"]._request)


def known(exc: BaseException) -> ReviewHubError | None:
    """The named error behind an exception of ours, DRF's or Django's; None for a bug."""
    if isinstance(exc, ReviewHubError):
        return exc
    if isinstance(exc, drf.ValidationError):
        return errors.InvalidInput(errors=_fields(exc.detail))
    if isinstance(exc, drf.Throttled):
        return errors.RateLimited(retry_after=int(getattr(exc, "wait", None) or 1))
    if isinstance(exc, DATABASE_AWAY):
        logger.error("database_unavailable", exc_info=exc)
        return errors.Unavailable(retry_after=2)
    for kind, error in _KNOWN:
        if isinstance(exc, kind):
            return error()
    return None


# More special classes stand first. Details of others' errors are not passed on: they are no
# promise of ours, and some repeat what was sent.
_KNOWN: tuple[tuple[type[Exception], type[ReviewHubError]], ...] = (
    (drf.ParseError, errors.Malformed),
    (drf.NotAuthenticated, errors.Unauthenticated),
    (drf.AuthenticationFailed, errors.Unauthenticated),
    (drf.PermissionDenied, errors.Forbidden),
    (drf.NotFound, errors.NotFound),
    (drf.MethodNotAllowed, errors.MethodNotAllowed),
    (drf.NotAcceptable, errors.NotAcceptable),
    (drf.UnsupportedMediaType, errors.UnsupportedMedia),
    (Http404, errors.NotFound),
    (PermissionDenied, errors.Forbidden),
    (DjangoTooBig, errors.TooLarge),
    (SuspiciousOperation, errors.Malformed),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(known(exception) or errors.Malformed(), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(errors.Forbidden(), request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(errors.NotFound(), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to a bug; the log has it with the same request id.

    What stands before the views asks for the session and the person: when the database is away,
    that ends here too, and is no bug.
    """
    raised = sys.exception()
    if not isinstance(raised, DATABASE_AWAY):
        return respond(errors.Unexpected(), request)
    ask_no_more(request)
    in_english = request.path.startswith("/api/")
    with translation.override(
        settings.LANGUAGE_CODE if in_english else translation.get_language_from_request(request)
    ):
        return respond(known(raised) or errors.Unavailable(), request)


def ask_no_more(request: HttpRequest) -> None:
    """Nothing on the way out may ask an absent database again: to the answer, nobody is logged in.

    The error page names the person and shows messages, and the log names the person too.
    """
    request.user = AnonymousUser()
    request.__dict__.pop("_messages", None)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`reason` is for the log, which Django has written."""
    error = errors.Forbidden(
        "This form is out of date, or cookies are blocked.",
        kept="Nothing was changed.",
        advice="Go back, reload the page and send it again.",
    )
    return respond(error, request)


def _page(error: ReviewHubError) -> dict[str, Any]:
    told = {
        "status": error.status,
        "title": said(error.title),
        "detail": "" if error.detail == error.title else said(error.detail),
        "kept": said(error.data.get("kept")),
        "advice": said(error.data.get("advice")),
        "code": error.code,
    }
    return {"error": told, "request_id": current_request_id(), "actions": []}


def _headers(error: ReviewHubError) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="ReviewHub"'
    if "retry_after" in error.data:
        headers["Retry-After"] = str(error.data["retry_after"])
    return headers


def _fields(detail: Any, field: str = "") -> list[dict[str, str]]:
    """DRF's nested details as one flat list of {"field", "message"}."""
    if isinstance(detail, Mapping):
        parts: Any = detail.items()
    elif isinstance(detail, list) and any(isinstance(part, (Mapping, list)) for part in detail):
        parts = enumerate(detail)
    elif isinstance(detail, list):
        return [{"field": field, "message": str(message)} for message in detail]
    else:
        return [{"field": field, "message": str(detail)}]
    return [told for name, inner in parts for told in _fields(inner, f"{field}.{name}".strip("."))]
