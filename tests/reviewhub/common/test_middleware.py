from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
import zlib

import pytest
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis.strategies import integers, text

from annotations.models import User
from reviewhub.common.compression import MOST_JSON_BYTES
from reviewhub.common.errors import Conflict
from reviewhub.common.json_depth import depth_exceeds
from reviewhub.urls import (  # noqa: F401 (Django looks for them here)
    handler400,
    handler403,
    handler404,
    handler500,
)
from reviewhub.urls import urlpatterns as all_patterns


def echo(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "bytes": len(request.body),
            "zone": timezone.get_current_timezone_name(),
            "language": translation.get_language(),
        }
    )


def refuse(request: HttpRequest) -> JsonResponse:
    raise Conflict("Somebody was faster.", kept="Your answer is kept.")


def break_down(request: HttpRequest) -> JsonResponse:
    raise ZeroDivisionError("secret detail")


urlpatterns = [
    path("api/echo", echo),
    path("api/refuse", refuse),
    path("api/broken", break_down),
    path("echo", echo),
    path("refuse", refuse),
    path("broken", break_down),
    *all_patterns,
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False, enforce_csrf_checks=False)


def post_json(client: Client, body: bytes, content_type: str = "application/json"):
    return client.post("/api/echo", data=body, content_type=content_type)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_a_harmless_request_id_is_kept_and_any_other_replaced(client) -> None:
    kept = client.get("/api/echo", headers={"X-Request-ID": "proxy-12345"})
    assert kept["X-Request-ID"] == "proxy-12345"
    for bad in ("short", "with blank 1234", "x" * 65, "<script>1</script>", ""):
        made = client.get("/api/echo", headers={"X-Request-ID": bad})["X-Request-ID"]
        assert made != bad
        assert len(made) == 36


def test_json_up_to_the_limit_is_read(client, settings) -> None:
    body = nested(settings.REVIEWHUB_MAX_JSON_DEPTH)
    assert post_json(client, body).json()["bytes"] == len(body)


def test_brackets_in_strings_do_not_count(client) -> None:
    body = json.dumps({"text": '[{"\\' * 500, "more": ["]"] * 500}).encode()
    assert post_json(client, body).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/problem+json"])
def test_json_that_is_too_deep_is_refused(client, settings, content_type) -> None:
    answer = post_json(client, nested(settings.REVIEWHUB_MAX_JSON_DEPTH + 1), content_type)
    assert answer.status_code == 400
    assert answer.json()["code"] == "json_too_deep"
    assert answer.json()["limit"] == settings.REVIEWHUB_MAX_JSON_DEPTH


def test_json_in_another_charset_is_refused(client) -> None:
    answer = client.generic(
        "POST", "/api/echo", nested(100), content_type="application/json; charset=utf-16"
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "hostile",
    [
        b'"' * 200_000,
        b'"\\' * 200_000,
        b"[" * 200_000,
        b'["' + b"\\" * 400_000,
        b"[" + b"{}" * 1_000_000,
        b"[" * 1_000_000 + b"}" * 1_000_000,
        b'"[{' * 500_000,
    ],
)
def test_no_input_makes_the_scan_slow(hostile: bytes) -> None:
    # CPU and not the clock: what backtracks on such a megabyte would take hours of it.
    began = time.process_time()
    depth_exceeds(b"[" * 40 + hostile, 50)
    assert time.process_time() - began < 10


@settings(max_examples=300, deadline=None)
@given(text(alphabet='[]{}"\\a ', max_size=60), integers(0, 6))
def test_the_scan_agrees_with_counting_bracket_by_bracket(document: str, limit: int) -> None:
    depth = deepest = 0
    quoted = escaped = False
    for char in document:
        if quoted:
            quoted = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            quoted = True
        elif char in "[]{}":
            depth += 1 if char in "[{" else -1
            deepest = max(deepest, depth)
    assert depth_exceeds(document.encode(), limit) == (deepest > limit)


def post_gzip(client: Client, body: bytes, **headers: str):
    headers = {"Content-Encoding": "gzip", **headers}
    return client.post("/api/echo", data=body, content_type="application/json", headers=headers)


def test_json_may_come_as_gzip(client) -> None:
    plain = json.dumps({"a": ["x"] * 1000}).encode()
    assert post_gzip(client, gzip.compress(plain, mtime=0)).json()["bytes"] == len(plain)


def test_a_gzip_bomb_is_refused_without_being_unpacked(client) -> None:
    bomb = gzip.compress(b"[" + b" " * 200_000_000, compresslevel=9, mtime=0)
    tracemalloc.start()
    answer = post_gzip(client, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["limit"] == MOST_JSON_BYTES
    assert peak < 3 * MOST_JSON_BYTES


def test_deep_json_is_found_inside_gzip(client) -> None:
    answer = post_gzip(client, gzip.compress(b"[" * 1_000_000, mtime=0))
    assert (answer.status_code, answer.json()["code"]) == (400, "json_too_deep")


@pytest.mark.parametrize(
    "broken",
    [
        b"not gzip at all",
        gzip.compress(b"{}", mtime=0)[:-3],
        gzip.compress(b"{}", mtime=0) + b"more",
        gzip.compress(b"{}", mtime=0) + gzip.compress(b"{}", mtime=0),
        gzip.compress(b"{}", mtime=0)[:-8] + b"\0" * 8,
        zlib.compress(b"{}"),
    ],
)
def test_broken_gzip_is_told(client, broken: bytes) -> None:
    answer = post_gzip(client, broken)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_other_encodings_and_other_compressed_content_are_refused(client) -> None:
    told = post_gzip(client, zlib.compress(b"{}"), **{"Content-Encoding": "br"})
    assert (told.status_code, told.json()["accepted"]) == (415, ["gzip"])
    assert post_gzip(client, b"{}", **{"Content-Encoding": "gzip, gzip"}).status_code == 415
    assert post_gzip(client, b"{}", **{"Content-Encoding": "identity"}).status_code == 200
    form = client.post("/api/echo", {"a": "b"}, headers={"Content-Encoding": "gzip"})
    assert form.status_code == 415


def test_json_has_a_limit_of_its_own_and_is_refused_unread(client) -> None:
    answer = client.generic(
        "POST",
        "/api/echo",
        b"{}",
        content_type="application/json",
        CONTENT_LENGTH=str(MOST_JSON_BYTES + 1),
        **{"wsgi.input": io.BytesIO()},
    )
    assert (answer.status_code, answer.json()["limit"]) == (413, MOST_JSON_BYTES)


def test_a_body_over_the_limit_is_refused_unread(client, settings) -> None:
    settings.REVIEWHUB_MAX_BODY_BYTES = 1000
    answer = client.post("/api/echo", data=b"x" * 1001, content_type="application/octet-stream")
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    assert answer.json()["limit"] == 1000


def test_a_body_of_no_length_is_refused(client) -> None:
    answer = client.generic(
        "POST",
        "/api/echo",
        headers={"Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
        **{"wsgi.input": io.BytesIO(b"5\r\nhello\r\n0\r\n\r\n")},
    )
    assert answer.status_code == 411
    assert answer.json()["code"] == "length_required"


@pytest.mark.parametrize("length", ["-1", "1e3", "٣"])
def test_a_length_that_is_no_number_is_refused(client, length) -> None:
    answer = client.generic("POST", "/api/echo", CONTENT_LENGTH=length)
    assert answer.status_code == 400


@pytest.mark.parametrize("digits", [30, 5_000])
def test_a_length_of_too_many_digits_is_too_large(client, digits) -> None:
    answer = client.generic("POST", "/api/echo", CONTENT_LENGTH="9" * digits)
    assert answer.status_code == 413


def test_an_expected_error_is_a_problem_for_programs(client) -> None:
    answer = client.get("/api/refuse", headers={"X-Request-ID": "proxy-12345"})
    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/conflict",
        "title": Conflict.title,
        "status": 409,
        "detail": "Somebody was faster.",
        "code": "conflict",
        "instance": "/api/refuse",
        "request_id": "proxy-12345",
        "kept": "Your answer is kept.",
    }


def test_the_same_error_is_a_page_for_people(client) -> None:
    answer = client.get("/refuse", headers={"Accept": "text/html", "X-Request-ID": "proxy-12345"})
    assert answer.status_code == 409
    page = answer.content.decode()
    for told in (Conflict.title, "Somebody was faster.", "Your answer is kept.", "proxy-12345"):
        assert told in page


def test_a_script_that_asks_for_json_gets_a_problem_on_a_page_too(client) -> None:
    answer = client.get("/refuse", headers={"Accept": "application/json"})
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "content_type"),
    [("/api/broken", "application/problem+json"), ("/broken", "text/html")],
)
def test_a_bug_is_logged_and_its_details_are_kept(client, caplog, address, content_type) -> None:
    answer = client.get(address, headers={"X-Request-ID": "proxy-12345", "Accept": "text/html"})
    assert answer.status_code == 500
    assert answer["Content-Type"].startswith(content_type)
    assert b"secret detail" not in answer.content
    assert b"proxy-12345" in answer.content
    assert "proxy-12345" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_an_address_that_is_not_there_is_told_in_both_forms(client) -> None:
    assert client.get("/api/nowhere").json()["code"] == "not_found"
    page = client.get("/nowhere", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert b"There is nothing here" in page.content


def test_a_form_without_its_token_is_told_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/login", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert b"Nothing was changed." in answer.content


def test_a_person_sees_their_own_time_zone_and_language(client) -> None:
    user = User.objects.create_user("ada", time_zone="Asia/Tokyo", language="de")
    client.force_login(user)
    told = client.get("/echo").json()
    assert (told["zone"], told["language"]) == ("Asia/Tokyo", "de")
    User.objects.update(time_zone="../../etc/passwd")
    assert client.get("/echo").json()["zone"] == "UTC"
    client.logout()
    assert client.get("/echo").json()["zone"] == "UTC"


def test_pages_forbid_everything_that_is_not_ours(client) -> None:
    answer = client.get("/login")
    policy = answer["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_form_with_nul_characters_is_refused_and_names_the_field(client) -> None:
    for answer in (client.post("/echo", {"reason": "a\0b"}), client.get("/echo", {"q": "\0"})):
        assert answer.status_code == 422
    told = client.post("/echo", {"rea\0son": "a"}, headers={"Accept": "application/json"}).json()
    assert told["errors"] == [{"field": "reason", "message": "holds NUL characters"}]
    assert client.get("/echo", {"reason": "a"}).status_code == 200


def test_bodies_of_the_api_are_left_to_its_parsers(client) -> None:
    assert client.post("/api/echo", {"reason": "a\0b"}).status_code == 200
