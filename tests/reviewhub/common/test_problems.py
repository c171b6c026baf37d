from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from reviewhub.common import errors
from reviewhub.common.errors import InvalidInput, NotFound, ReviewHubError


class Body(serializers.Serializer):
    name = serializers.CharField()
    parts = serializers.ListField(child=serializers.IntegerField())


class Raising(APIView):
    permission_classes = [AllowAny]
    raised: Exception | None = None

    def post(self, request: Request) -> Response:
        if self.raised is not None:
            raise self.raised
        Body(data=request.data).is_valid(raise_exception=True)
        return Response({})


class Forgetful(APIView):
    """A door whose author forgot to say who may pass."""

    def get(self, request: Request) -> Response:
        return Response({})


def answer(data=None, *, method="post", view=Raising, **initial):
    request = getattr(APIRequestFactory(), method)("/api/x", data, format="json")
    return view.as_view(**initial)(request)


def told(response):
    import json

    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return body


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (NotFound(), 404, "not_found"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (SuspiciousOperation(), 400, "malformed"),
        (RequestDataTooBig(), 413, "too_large"),
        (OperationalError("database is locked"), 503, "unavailable"),
        (drf.NotAuthenticated(), 401, "unauthenticated"),
        (drf.AuthenticationFailed(), 401, "unauthenticated"),
        (drf.PermissionDenied(), 403, "forbidden"),
        (drf.ParseError(), 400, "malformed"),
        (drf.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (drf.NotAcceptable(), 406, "not_acceptable"),
        (drf.Throttled(wait=7), 429, "rate_limited"),
    ],
)
def test_each_known_error_has_one_code(raised, status, code) -> None:
    response = answer(raised=raised)
    assert (response.status_code, told(response)["code"]) == (status, code)


def test_headers_that_belong_to_a_status_are_sent() -> None:
    assert answer(raised=errors.Unauthenticated())["WWW-Authenticate"].startswith("Bearer")
    assert answer(raised=drf.Throttled(wait=7))["Retry-After"] == "7"
    assert answer(raised=OperationalError())["Retry-After"] == "2"
    assert answer(raised=NotFound())["Cache-Control"] == "no-store"


def test_invalid_fields_are_listed_flat() -> None:
    body = told(answer({"name": "", "parts": [1, "x"]}))
    assert body["code"] == "invalid_input"
    assert {error["field"] for error in body["errors"]} == {"name", "parts.1"}


def test_a_method_that_is_not_taken_is_told() -> None:
    assert told(answer(method="delete"))["code"] == "method_not_allowed"


def test_data_cannot_pose_as_the_problem_itself() -> None:
    body = told(answer(raised=InvalidInput("wrong", status=200, code="fine", field="a")))
    assert (body["status"], body["code"], body["field"]) == (422, "invalid_input", "a")


def test_a_door_that_says_nothing_is_shut() -> None:
    assert answer(method="get", view=Forgetful).status_code in (401, 403)


def test_a_bug_is_not_dressed_up() -> None:
    with pytest.raises(ZeroDivisionError):
        answer(raised=ZeroDivisionError())


def every_error(kind: type[ReviewHubError] = ReviewHubError):
    for each in kind.__subclasses__():
        yield each
        yield from every_error(each)


def test_every_error_has_a_code_of_its_own_and_a_title() -> None:
    import training.errors  # noqa: F401

    ours = {each for each in every_error() if not each.__module__.startswith("tests")}
    codes = [each.code for each in ours]
    assert len(codes) == len(set(codes)), sorted(c for c in codes if codes.count(c) > 1)
    for each in ours:
        assert each.__dict__.get("title"), each
        assert 400 <= each.status < 600
