"""The example client against a real server that fails in every way a server can."""

from __future__ import annotations

import socket
from io import BytesIO

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from examples.solar_cells.client import ATTEMPTS, Api, Refused, encode_form
from tests.examples.servers import serving

JSON = {"Content-Type": "application/json"}
DONE = (200, {"ETag": '"one"'}, b'{"done": true}')


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits):
    return lambda script: Api(script.url, "cells", "rh_key", pause=waits.append)


def test_a_call_names_the_project_and_shows_the_key(client) -> None:
    with serving(DONE) as script:
        assert client(script).get("/champion", etag='"old"').json() == {"done": True}
    (asked,) = script.asked
    assert asked.path == "/api/v1/projects/cells/champion"
    assert asked.headers["authorization"] == "Bearer rh_key"
    assert asked.headers["if-none-match"] == '"old"'


def test_nothing_new_is_an_answer_and_no_error(client) -> None:
    with serving((304, {}, b"")) as script:
        assert client(script).get("/champion/model.onnx", etag='"x"').status == 304


def test_a_busy_server_is_asked_again_when_it_says(client, waits) -> None:
    with serving((429, {"Retry-After": "7"}, b""), (503, {}, b""), DONE) as script:
        assert client(script).post("/runs", {}).status == 200
    assert waits == [7, 1.0]


def test_a_write_that_is_sent_again_carries_the_same_key_and_body(client) -> None:
    with serving(None, (500, {}, b""), DONE) as script:
        client(script).post_parts("/predictions:batch", "batch", {"a": 1}, {"one": b"\x89PNG"})
    assert len(script.asked) == 3
    assert len({asked.headers["idempotency-key"] for asked in script.asked}) == 1
    assert len({asked.body for asked in script.asked}) == 1


def test_a_write_whose_first_sending_is_still_being_served_waits_for_its_answer(
    client, waits
) -> None:
    busy = (409, {"Retry-After": "1"}, b'{"code": "idempotency_in_progress"}')
    with serving(None, busy, DONE) as script:
        assert client(script).post("/predictions:batch", {}).json() == {"done": True}
    assert len({asked.headers["idempotency-key"] for asked in script.asked}) == 1
    assert waits == [0.5, 1]


def test_items_refused_for_a_while_are_sent_again_as_they_were(client, waits) -> None:
    away = b'{"results": [{"status": "created"}, {"error": {"status": 503, "retry_after": 10}}]}'
    with serving((200, JSON, away), (200, JSON, b'{"results": []}')) as script:
        assert client(script).post("/predictions:batch", {}).json() == {"results": []}
    assert len({(asked.body, asked.headers["idempotency-key"]) for asked in script.asked}) == 1
    assert waits == [10]


def test_items_refused_to_the_last_are_told(client, waits) -> None:
    away = b'{"results": [{"error": {"status": 503, "retry_after": 10}}]}'
    with serving((200, JSON, away)) as script:
        told = client(script).post("/predictions:batch", {}).json()["results"]
    assert (told[0]["error"]["status"], len(waits)) == (503, ATTEMPTS - 1)


def test_two_writes_have_two_keys(client) -> None:
    with serving(DONE) as script:
        api = client(script)
        api.post("/runs", {})
        api.post("/runs", {})
    assert len({asked.headers["idempotency-key"] for asked in script.asked}) == 2


def test_a_refusal_is_not_asked_twice_and_keeps_the_servers_words(client, waits) -> None:
    with (
        serving((422, {}, b'{"code": "unknown_label"}')) as script,
        pytest.raises(Refused, match="unknown_label"),
    ):
        client(script).post("/runs", {})
    assert len(script.asked) == 1
    assert waits == []


def test_patience_ends(client, waits) -> None:
    with serving((503, {}, b"away")) as script, pytest.raises(Refused, match="503"):
        client(script).get("/champion")
    assert len(script.asked) == ATTEMPTS
    assert waits == [0.5, 1, 2, 4, 8]


def test_a_server_that_is_not_there_is_told_as_such(waits) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        Api(f"http://127.0.0.1:{port}", "cells", "k", pause=waits.append).get("/champion")
    assert len(waits) == ATTEMPTS - 1


def test_a_form_is_read_back_as_it_was_meant(rf) -> None:
    body = encode_form("mark", {"batch": '{"ü": 1}'}, {"one": b"\r\n--mar", "two": bytes(256)})
    request = rf.post("/", body, content_type="multipart/form-data; boundary=mark")
    parser = MultiPartParser(request.META, BytesIO(body), [MemoryFileUploadHandler(request)])
    for handler in parser._upload_handlers:
        handler.activated = True
    fields, files = parser.parse()
    assert fields["batch"] == '{"ü": 1}'
    assert files["one"].read() == b"\r\n--mar"
    assert files["two"].read() == bytes(256)
