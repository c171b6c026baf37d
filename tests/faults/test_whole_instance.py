"""A real instance loses a server while somebody is at work: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest

from examples.solar_cells.browser import Browser
from examples.solar_cells.client import Api
from examples.solar_cells.webhook import Receiver
from reviewhub.services import Services
from tests.browser.bench import SEEN, is_ahead, press, unsent
from tests.factories import image_bytes
from tests.faults.databases import DATABASES, database_of
from tests.services import wait_until

pytestmark = pytest.mark.faults
PASSWORD = "a quiet harbour 7"
VERBS = "predict,webhooks"
PROJECT = {
    "slug": "cells",
    "name": "Cells",
    "labels": [
        {"key": "good", "name": "Good"},
        {"key": "defect", "name": "Defect", "is_positive": True},
    ],
    "routing": {"low_confidence": 1.0, "disagreement": True, "audit_rate": 0.001},
    "review": {"grace_seconds": 3600, "blind_share": 0.0},
}


@pytest.fixture(scope="module", params=DATABASES)
def instance(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    var: Path = tmp_path_factory.mktemp("instance")
    environ = {
        "REVIEWHUB_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        "REVIEWHUB_RECONCILE_SECONDS": "2",
        **database_of(request),
    }
    with Services(var, port=18_800, environ=environ, say=lambda _: None) as services:
        yield services


@pytest.fixture(scope="module")
def key(instance: Services) -> str:
    typed = json.dumps(PROJECT)
    secret = instance.manage("create_project", "-", "--issue-key", VERBS, typed=typed).strip()
    instance.manage(
        "create_user", "rita", "--project", "cells", "--role", "reviewer", typed=PASSWORD
    )
    return secret


@pytest.fixture
def api(instance: Services, key: str) -> Api:
    return Api(instance.base_url, "cells", key)


def submit(api: Api, name: str) -> dict[str, object]:
    """One unsure prediction about a picture of its own."""
    prediction = {
        "external_id": name,
        "image": {"part": "picture"},
        "predictor": {"name": "line-camera", "version": "1"},
        "probabilities": {"good": 0.4, "defect": 0.6},
    }
    picture = image_bytes(seed=len(name))
    files = {"picture": picture}
    return api.post_parts("/predictions", "prediction", prediction, files).json()


def batch(api: Api, length: int, name: str) -> bytes:
    """The body of a batch of unsure predictions about one picture."""
    image = api.post_parts("/images", "none", {}, {"file": image_bytes(seed=9)}).json()["uid"]
    items = [
        {
            "external_id": f"{name}-{number}",
            "image": {"upload": image},
            "predictor": {"name": "line-camera", "version": "1"},
            "probabilities": {"good": 0.4, "defect": 0.6},
        }
        for number in range(length)
    ]
    return json.dumps({"predictions": items}).encode()


def posting(instance: Services, key: str, length: int, name: str) -> socket.socket:
    """A connection on which a batch of so many bytes has been announced, under that key."""
    address = urlsplit(instance.base_url)
    line = socket.create_connection((address.hostname, address.port), timeout=10)
    head = (
        "POST /api/v1/projects/cells/predictions:batch HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {name}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    line.sendall(head.encode())
    return line


def sent_again(api: Api, body: bytes, name: str) -> dict[str, list[dict[str, object]]]:
    """The answer to the same batch under the same key, from whoever is there to give it."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": name}
    return api._call("POST", "/predictions:batch", headers, body).json()


def settled(api: Api) -> int:
    states = api.get("/queue").json()["by_state"]
    return states["awaiting_approval"] + states["approved"]


def kill(services: Services, name: str) -> None:
    """kill -9 the whole process group of one server."""
    lost = services.pids[name]
    os.killpg(lost, signal.SIGKILL)
    wait_until(lambda: services.pids[name] != lost, what=f"{name} is started again")


def test_an_answer_sent_while_the_web_process_dies_is_stored_once(instance, api) -> None:
    submit(api, "before-the-crash")
    rita = Browser(instance.base_url)
    rita.log_in("rita", PASSWORD)
    form = rita.open("/p/cells/review").form_with(verdict="label")
    assert form is not None
    before = settled(api)
    kill(instance, "web")

    def answered() -> bool:
        try:
            rita.submit(form, label="good")
        except (URLError, OSError):
            return False
        return True

    wait_until(answered, seconds=60, what="the answer was taken")
    # The browser cannot know that it was stored, and sends the same answer again.
    rita.submit(form, label="good")
    assert settled(api) == before + 1


def test_answers_given_to_a_browser_while_the_web_server_restarts_are_stored(
    instance, api, page
) -> None:
    for number in range(4):
        submit(api, f"in-a-browser-{number}")
    page.goto(f"{instance.base_url}/login?next=/p/cells/review")
    page.fill("#id_username", "rita")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    is_ahead(page)
    before = settled(api)

    lost = instance.pids["web"]
    os.killpg(lost, signal.SIGKILL)
    press(page, "1")
    press(page, "1")
    press(page, "1")
    unsent(page, 3)
    wait_until(lambda: instance.pids["web"] != lost, what="the web server is started again")

    page.wait_for_selector("#unsent[data-count='0']", timeout=60_000)
    assert settled(api) == before + 3


def test_predictions_are_taken_while_redis_is_away_and_clients_are_told_afterwards(
    instance, api
) -> None:
    with Receiver() as receiver:
        made = api.post("/webhooks", {"url": receiver.url, "events": ["prediction.routed"]}).json()
        receiver.secret = made["secret"]
        os.killpg(instance.pids["redis"], signal.SIGKILL)
        stored = submit(api, "while-redis-was-away")
        assert stored["status"] == "created"
        message = receiver.take(wait=60)
        assert message is not None
        names = [told["external_id"] for told in message["data"]["predictions"]]
        assert names == ["while-redis-was-away"]


def test_a_batch_whose_connection_is_cut_leaves_nothing_and_can_be_sent_again(
    instance, api, key
) -> None:
    entered = api.get("/queue").json()["entered"]
    with posting(instance, key, 50_000, "half") as line:
        line.sendall(b'{"predictions": [{"external_id": "half')
    assert api.get("/queue").json()["entered"] == entered
    submit(api, "after-the-cut")
    assert api.get("/queue").json()["entered"] == entered + 1


def test_an_answer_that_never_came_is_asked_for_again(instance, api, key) -> None:
    """The whole batch arrives and nobody waits for the answer; then it is sent again."""
    entered = api.get("/queue").json()["entered"]
    body = batch(api, 100, "unheard")
    with posting(instance, key, len(body), "unheard") as line:
        line.sendall(body)
    told = sent_again(api, body, "unheard")
    assert {each["status"] for each in told["results"]} <= {"created", "unchanged"}
    assert api.get("/queue").json()["entered"] == entered + 100


def test_a_web_process_that_dies_in_mid_batch_stores_all_of_it_or_nothing(
    instance, api, key
) -> None:
    entered = api.get("/queue").json()["entered"]
    body = batch(api, 1000, "mid-batch")
    for wait in (0.05, 0.3):
        with posting(instance, key, len(body), "mid-batch") as line:
            line.sendall(body)
            time.sleep(wait)
            kill(instance, "web")
        assert api.get("/queue").json()["entered"] - entered in (0, 1000)
    told = sent_again(api, body, "mid-batch")
    assert len(told["results"]) == 1000
    assert {each["status"] for each in told["results"]} <= {"created", "unchanged"}
    assert api.get("/queue").json()["entered"] == entered + 1000


def test_an_outbox_survives_the_death_of_the_worker(instance, api) -> None:
    with Receiver() as receiver:
        made = api.post("/webhooks", {"url": receiver.url, "events": ["*"]}).json()
        receiver.secret = made["secret"]
        os.killpg(instance.pids["worker"], signal.SIGKILL)
        submit(api, "while-no-worker-ran")
        message = receiver.take(wait=90)
        assert message is not None
        assert message["type"] == "prediction.routed"


def test_a_worker_makes_all_pixels_of_a_large_picture_that_is_shown(instance, api) -> None:
    large = image_bytes(seed=3, size=(2100, 60))
    image = api.post_parts("/images", "none", {}, {"file": large}).json()["uid"]
    rita = Browser(instance.base_url)
    rita.log_in("rita", PASSWORD)
    with rita._opener.open(f"{instance.base_url}/p/cells/media/{image}/display") as answer:
        assert answer.headers["Content-Type"] == "image/webp"
    made = instance.instance.var / "files" / "derivatives"
    wait_until(lambda: any(made.rglob("full.jpg")), seconds=90, what="a worker makes all pixels")


def test_the_logs_of_an_instance_hold_no_key(instance, key) -> None:
    told = (instance.instance.logs / "manage.log").read_text()
    assert "_".join(key.split("_")[:2]) in told
    assert key not in told
