"""PostgreSQL is killed while people and clients work: they are told, nothing is lost or doubled.

The cluster dies as a crash of its machine would have it (`immediate`), stays away, and comes back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from threading import Thread
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from examples.solar_cells.browser import Browser, Form
from reviewhub.services import Services
from tests.browser.bench import SEEN, is_ahead, press, unsent
from tests.services import PostgresServer, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]
PASSWORD = "a quiet harbour 7"
SIZE = 1000
ROOT = "/api/v1/projects/mails"
PROJECT = {
    "slug": "mails",
    "name": "Mails",
    "kind": "text_classification",
    "labels": [{"key": "refund", "name": "Refund"}, {"key": "praise", "name": "Praise"}],
    "routing": {"low_confidence": 1.0, "disagreement": True, "audit_rate": 0.001},
    "review": {"grace_seconds": 3600, "blind_share": 0.0},
}


@pytest.fixture(scope="module")
def instance(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    environ = {
        "REVIEWHUB_DATABASE_URL": postgres_server.create("killed"),
        "REVIEWHUB_RECONCILE_SECONDS": "1",
    }
    var = tmp_path_factory.mktemp("instance")
    with Services(var, port=18_950, environ=environ, say=lambda _: None) as services:
        yield services


@pytest.fixture(scope="module")
def key(instance: Services) -> str:
    typed = json.dumps(PROJECT)
    secret = instance.manage("create_project", "-", "--issue-key", "predict", typed=typed).strip()
    instance.manage("create_user", "rita", "--project", "mails", "--role", "lead", typed=PASSWORD)
    return secret


@pytest.fixture
def rita(instance: Services, key: str) -> Browser:
    person = Browser(instance.base_url)
    person.log_in("rita", PASSWORD)
    return person


@contextmanager
def killed(server: PostgresServer) -> Iterator[None]:
    """The database is gone for the length of the block."""
    server.stop(mode="immediate")
    try:
        yield
    finally:
        server.start_again()


class Told:
    """An answer of the site as it came over the line."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.status = answer.status
        self.kind = answer.headers.get_content_type()
        self.retry_after = answer.headers["Retry-After"]
        self.text = answer.read().decode()

    def json(self) -> dict:
        document: dict = json.loads(self.text)
        return document


def ask(instance: Services, path: str, *, body: str | None = None, **headers: str) -> Told:
    line = HTTPConnection(urlsplit(instance.base_url).netloc, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        line.request("POST" if body else "GET", path, body, named)
        return Told(line.getresponse())
    finally:
        line.close()


def post(instance: Services, key: str, tag: str, *, size: int = SIZE) -> Told:
    """A batch of unsure predictions; the tag is the Idempotency-Key."""
    batch = [
        {
            "external_id": f"{tag}-{number}",
            "predictor": {"name": "triage", "version": "1"},
            "text": f"Mail {number} of {tag}",
            "probabilities": {"refund": 0.6, "praise": 0.4},
        }
        for number in range(size)
    ]
    return ask(
        instance,
        f"{ROOT}/predictions:batch",
        body=json.dumps({"predictions": batch}),
        Authorization=f"Bearer {key}",
        Content_Type="application/json",
        Idempotency_Key=tag,
    )


def sent_until_taken(instance: Services, key: str, tag: str, *, size: int = SIZE) -> dict:
    """As a client does that believes what it is told: 503 is sent again, anything else is not."""
    told: list[dict] = []

    def taken() -> bool:
        answer = post(instance, key, tag, size=size)
        assert answer.status in (200, 409, 503), answer.text
        told.extend([answer.json()] if answer.status == 200 else [])
        return answer.status == 200

    wait_until(taken, seconds=60, what=f"the batch {tag} is taken")
    return told[0]


def accounts(instance: Services, key: str) -> dict:
    found: list[Told] = []

    def answers() -> bool:
        found[:] = [ask(instance, f"{ROOT}/queue", Authorization=f"Bearer {key}")]
        return found[0].status == 200

    wait_until(answers, what="the queue can be asked for")
    told = found[0].json()
    assert told["balanced"]
    return told


def settled(instance: Services, key: str) -> int:
    states = accounts(instance, key)["by_state"]
    return states["awaiting_approval"] + states["approved"]


def refused_for_now(person: Browser, form: Form, **pressed: str) -> HTTPError:
    with pytest.raises(HTTPError) as refused:
        person.submit(form, **pressed)
    return refused.value


def test_an_answer_sent_while_the_database_is_away_is_told_and_stored_once(
    instance, key, rita, postgres_server
) -> None:
    sent_until_taken(instance, key, "one", size=1)
    form = rita.open("/p/mails/review").form_with(verdict="label")
    assert form is not None
    before = settled(instance, key)
    with killed(postgres_server):
        told = refused_for_now(rita, form, label="refund")
        assert (told.code, told.headers.get_content_type()) == (503, "text/html")
        page = told.read().decode()
        assert "This does not work at the moment; try again" in page
        assert told.headers["Retry-After"] == "2"
    rita.submit(form, label="refund")
    # The browser cannot know that it was stored, and sends the same answer again.
    rita.submit(form, label="refund")
    assert settled(instance, key) == before + 1
    instance.manage("check_counters")


@pytest.mark.parametrize("milliseconds", [3, 12, 30])
def test_an_answer_under_way_when_the_database_is_killed_is_stored_once(
    instance, key, rita, postgres_server, milliseconds
) -> None:
    sent_until_taken(instance, key, f"under-way-{milliseconds}", size=1)
    form = rita.open("/p/mails/review").form_with(verdict="label")
    assert form is not None
    before = settled(instance, key)
    told: list[int] = []

    def send() -> None:
        try:
            rita.submit(form, label="praise")
            told.append(200)
        except HTTPError as refused:
            told.append(refused.code)

    sending = Thread(target=send)
    sending.start()
    time.sleep(milliseconds / 1000)
    with killed(postgres_server):
        sending.join()
    assert told[0] in (200, 503)
    rita.submit(form, label="praise")
    rita.submit(form, label="praise")
    assert settled(instance, key) == before + 1
    instance.manage("check_counters")


def test_the_workbench_hears_in_json_that_the_database_is_away(
    instance, key, rita, postgres_server
) -> None:
    cookie = "; ".join(f"{each.name}={each.value}" for each in rita._cookies)
    with killed(postgres_server):
        told = ask(instance, "/p/mails/review/ahead", Cookie=cookie, X_Bench="1")
        assert (told.status, told.kind) == (503, "application/problem+json")
        assert told.json()["code"] == "unavailable"


def test_no_page_and_no_call_answers_an_absent_database_with_a_bare_error(
    instance, key, rita, postgres_server
) -> None:
    cookie = "; ".join(f"{each.name}={each.value}" for each in rita._cookies)
    pages = ["/", "/login", "/guide", "/password", "/admin/", "/no/such/page"]
    pages += [f"/p/mails/{name}" for name in ("review", "queue", "items", "overview", "grids")]
    calls = ["", "/queue", "/predictions", "/webhooks", "/jobs"]
    with killed(postgres_server):
        for path in pages:
            told = ask(instance, path, Cookie=cookie, Accept="text/html")
            assert (told.status, told.kind) == (503, "text/html"), path
            assert "This does not work at the moment; try again" in told.text, path
            assert 'id="main"' in told.text, path
        for path in calls:
            told = ask(instance, f"{ROOT}{path}", Authorization=f"Bearer {key}")
            assert (told.status, told.kind) == (503, "application/problem+json"), path
            assert (told.json()["code"], told.retry_after) == ("unavailable", "2")
        assert ask(instance, "/livez").status == 200
        ready = ask(instance, "/readyz")
        assert (ready.status, ready.json()["checks"]["database"]["ok"]) == (503, False)
    wait_until(lambda: ask(instance, "/readyz").status == 200, what="it is ready again")
    rita.open("/p/mails/review")  # raises what is not 200; she is logged in as before
    assert "log out" in ask(instance, "/p/mails/review", Cookie=cookie).text.lower()


def test_workers_whose_database_was_killed_go_on_by_themselves(
    instance, key, postgres_server
) -> None:
    with killed(postgres_server):
        time.sleep(3)
    back = time.monotonic()

    def messages_go_all_the_way() -> bool:
        ready = ask(instance, "/readyz")
        queues = ready.json()["workers"] if ready.status == 200 else {}
        ages = [each["seconds_ago"] for each in queues.values()]
        return bool(ages) and max(ages) < time.monotonic() - back - 1

    wait_until(messages_go_all_the_way, seconds=60, what="every queue is worked on again")


@pytest.mark.parametrize("milliseconds", [20, 80, 250])
def test_a_batch_whose_database_is_killed_is_stored_once(
    instance, key, postgres_server, milliseconds
) -> None:
    tag = f"killed-{milliseconds}"
    entered = accounts(instance, key)["entered"]
    told: list[Told] = []
    client = Thread(target=lambda: told.append(post(instance, key, tag)))
    client.start()
    time.sleep(milliseconds / 1000)
    with killed(postgres_server):
        client.join()
    assert told[0].status in (200, 503), told[0].text
    if told[0].status == 503:
        assert told[0].json()["code"] == "unavailable"
    first = sent_until_taken(instance, key, tag)
    assert len(first["results"]) == SIZE
    assert sent_until_taken(instance, key, tag) == first
    assert accounts(instance, key)["entered"] == entered + SIZE
    instance.manage("check_counters")


def test_answers_given_to_a_browser_while_the_database_is_away_are_stored(
    instance, key, postgres_server, page
) -> None:
    sent_until_taken(instance, key, "in-a-browser", size=6)
    page.goto(f"{instance.base_url}/login?next=/p/mails/review")
    page.fill("#id_username", "rita")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    is_ahead(page)
    before = settled(instance, key)
    with killed(postgres_server):
        press(page, "1")
        press(page, "1")
        press(page, "1")
        unsent(page, 3)
    page.wait_for_selector("#unsent[data-count='0']", timeout=60_000)
    assert settled(instance, key) == before + 3
    instance.manage("check_counters")
