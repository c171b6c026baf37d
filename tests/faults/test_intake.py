"""An instance under fire while predictions come in: each is stored once, or sent again."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from reviewhub.services import Services
from reviewhub.services.children import marked
from tests.faults.databases import DATABASES, database_of
from tests.services import wait_until

pytestmark = pytest.mark.faults
SIZE = 400
WEB_WORKERS = 2
"""As reviewhub.services starts them."""

PATH = "/api/v1/projects/mails/predictions:batch"
MAILS = {
    "slug": "mails",
    "name": "Mails",
    "kind": "text_classification",
    "labels": [{"key": "refund", "name": "Refund"}, {"key": "praise", "name": "Praise"}],
    "routing": {"low_confidence": 0.7, "disagreement": True, "audit_rate": 0.1},
}
PARTS = {**MAILS, "slug": "parts", "name": "Parts", "kind": "image_classification"}


@pytest.fixture(scope="module", params=DATABASES)
def instance(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    var: Path = tmp_path_factory.mktemp("instance")
    environ = database_of(request)
    with Services(var, port=18_850, environ=environ, say=lambda _: None) as services:
        yield services


@pytest.fixture(scope="module")
def keys(instance: Services) -> dict[str, str]:
    return {
        each["slug"]: instance.manage(
            "create_project", "-", "--issue-key", "predict", typed=json.dumps(each)
        ).strip()
        for each in (MAILS, PARTS)
    }


def batch(tag: str) -> bytes:
    return json.dumps(
        {
            "predictions": [
                {
                    "external_id": f"{tag}-{number}",
                    "predictor": {"name": "triage", "version": "1"},
                    "text": f"Mail {number} of {tag}",
                    "probabilities": {"refund": 0.5 + number % 50 / 100},
                }
                for number in range(SIZE)
            ]
        }
    ).encode()


def post(instance: Services, key: str, tag: str, path: str = PATH, body: bytes = b"") -> tuple:
    """Status and document; the tag is the Idempotency-Key."""
    line = HTTPConnection(urlsplit(instance.base_url).netloc, timeout=60)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Idempotency-Key": tag,
    }
    try:
        line.request("POST", path, body or batch(tag), headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def sent_until_answered(instance: Services, key: str, tag: str) -> dict:
    found: list[dict] = []

    def answered() -> bool:
        try:
            status, document = post(instance, key, tag)
        except (OSError, HTTPException):
            return False
        assert status in (200, 409, 503), document
        found.extend([document] if status == 200 else [])
        return status == 200

    wait_until(answered, seconds=90, what="the batch was taken")
    return found[0]


def items_of(instance: Services, tag: str) -> int:
    """Counted by the database itself, beside the site."""
    code = (
        "from annotations.models import *; "
        f"items = Item.objects.filter(external_id__startswith='{tag}-'); "
        "n = items.count(); "
        "assert Prediction.objects.filter(item__in=items).count() == n; "
        "assert Route.objects.filter(prediction__item__in=items, sequence=1).count() == n; "
        "print(n)"
    )
    return int(instance.manage("shell", "-v", "0", "-c", code).split()[-1])


def web_workers(instance: Services) -> list[int]:
    return [pid for pid in marked(f"{instance.instance.var}:web") if pid != instance.pids["web"]]


@pytest.mark.parametrize(
    "milliseconds", [120, *(pytest.param(each, marks=pytest.mark.slow) for each in (30, 400))]
)
def test_a_batch_whose_web_workers_are_killed_is_stored_once(instance, keys, milliseconds) -> None:
    tag = f"killed-{milliseconds}"

    def send() -> None:
        with suppress(OSError, HTTPException):
            post(instance, keys["mails"], tag)

    client = threading.Thread(target=send)
    client.start()
    client.join(milliseconds / 1000)
    for pid in web_workers(instance):
        os.kill(pid, signal.SIGKILL)
    client.join()
    first = sent_until_answered(instance, keys["mails"], tag)
    assert {each["status"] for each in first["results"]} == {"created"}
    assert sent_until_answered(instance, keys["mails"], tag) == first
    assert items_of(instance, tag) == SIZE
    instance.manage("check_counters")


def test_a_client_that_leaves_before_the_answer_may_ask_again(instance, keys) -> None:
    tag, address = "hung-up", urlsplit(instance.base_url)
    body = batch(tag)
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {keys['mails']}\r\nIdempotency-Key: {tag}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        line.sendall(head.encode() + body)
    told = sent_until_answered(instance, keys["mails"], tag)
    assert {each["status"] for each in told["results"]} == {"created"}
    assert items_of(instance, tag) == SIZE


@contextmanager
def no_file_may_grow_beyond(instance: Services, size: int) -> Iterator[None]:
    """What a full disk does to every web process: writing fails in the middle of a file."""
    pids = [instance.pids["web"], *web_workers(instance)]
    before = resource.prlimit(pids[0], resource.RLIMIT_FSIZE)
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def fresh_web_workers(instance: Services) -> None:
    """Each opens its own files at its first request: the log, the database, the metrics."""
    old = web_workers(instance)
    for pid in old:
        os.kill(pid, signal.SIGKILL)

    def all_new() -> bool:
        # Not as many as there were: those of an earlier test may not have been followed yet.
        return len(set(web_workers(instance)) - set(old)) == WEB_WORKERS

    wait_until(all_new, seconds=60, what="new web workers")


# The disk of a web process holds nothing of PostgreSQL's.
@pytest.mark.parametrize("instance", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "size", [*(pytest.param(size, marks=pytest.mark.slow) for size in (512, 40_000)), 200_000]
)
def test_a_full_disk_is_told_leaves_nothing_half_written_and_passes(instance, keys, size) -> None:
    tag = f"full-disk-{size}"
    fresh_web_workers(instance)
    with no_file_may_grow_beyond(instance, size):
        status, told = post(instance, keys["mails"], tag)
        assert status == 503, told
    assert items_of(instance, tag) == 0
    told = sent_until_answered(instance, keys["mails"], tag)
    assert {each["status"] for each in told["results"]} == {"created"}
    assert items_of(instance, tag) == SIZE


@pytest.mark.slow
def test_anyone_can_send_a_realistic_load_and_no_answer_is_undocumented(instance, keys) -> None:
    told = instance.manage("generate_load", "--local", "--minutes", "0.15", "--rate", "60")
    assert "Sent " in told
    assert "created" in told
    assert "load-boxes" in instance.manage("shell", "-v", "0", "-c", SLUGS)
    instance.manage("check_counters")


SLUGS = "from annotations.models import *; print(*Project.objects.values_list('slug', flat=True))"
