"""The clock of an instance is set, hours forward and hours back, while people and clients work.

Every process of ours lives by the clock that is set; PostgreSQL and Redis do not, as they would not
on machines of their own. There the database's clock decides and nobody notices. SQLite has no clock
but the machine's: times are as wrong as that, order and counts are not.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from threading import Event, Thread
from urllib.parse import urlsplit

import psycopg
import pytest

from examples.solar_cells.browser import Browser
from reviewhub.services import Services
from tests.conftest import skip_aloud
from tests.services import FakeClock, Missing, PostgresServer, RedisServer, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.slow]
PASSWORD = "a quiet harbour 7"
SIZE = 20
LEASE = 30
PROJECT = {
    "slug": "mails",
    "name": "Mails",
    "kind": "text_classification",
    "labels": [{"key": "refund", "name": "Refund"}, {"key": "praise", "name": "Praise"}],
    "routing": {"low_confidence": 1.0, "disagreement": True, "audit_rate": 0.001},
    "review": {"lease_seconds": LEASE, "blind_share": 0.0},
}


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> FakeClock:
    try:
        return FakeClock.make(tmp_path_factory.mktemp("clock"))
    except Missing as missing:
        skip_aloud(str(missing))
        raise


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def instance(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Services]:
    redis_server.flush()
    environ = {
        **clock.environ,
        "REVIEWHUB_RECONCILE_SECONDS": "1",
        "REVIEWHUB_REDIS_URL": redis_server.url,
    }
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        environ["REVIEWHUB_DATABASE_URL"] = server.create("clock")
    var = tmp_path_factory.mktemp(request.param)
    clock.set_to(hours=0)
    with Services(var, port=18_900, environ=environ, say=lambda _: None) as services:
        yield services


@pytest.fixture(scope="module")
def true_clock(instance: Services) -> bool:
    """Whether the database has a clock of its own."""
    return "postgres" in instance.environ["REVIEWHUB_DATABASE_URL"]


@pytest.fixture(scope="module")
def key(instance: Services) -> str:
    typed = json.dumps(PROJECT)
    secret = instance.manage("create_project", "-", "--issue-key", "predict", typed=typed).strip()
    for name in ("rita", "otto"):
        instance.manage(
            "create_user", name, "--project", "mails", "--role", "reviewer", typed=PASSWORD
        )
    return secret


def ask(instance: Services, key: str, path: str, *, body: object = None, tag: str = "") -> dict:
    line = HTTPConnection(urlsplit(instance.base_url).netloc, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if tag:
        headers["Idempotency-Key"] = tag
    try:
        sent = json.dumps(body) if body is not None else None
        line.request("POST" if sent else "GET", path, sent, headers)
        answer = line.getresponse()
        document: dict = json.loads(answer.read())
        assert answer.status == 200, (answer.status, document)
        return document
    finally:
        line.close()


def batch(number: int) -> dict[str, list[dict[str, object]]]:
    return {
        "predictions": [
            {
                "external_id": f"mail-{number:04}-{each:02}",
                "predictor": {"name": "triage", "version": "1"},
                "text": f"Mail {each} of batch {number}",
                "probabilities": {"refund": 0.6, "praise": 0.4},
            }
            for each in range(SIZE)
        ]
    }


BATCH = "/api/v1/projects/mails/predictions:batch"


def listed(instance: Services, key: str) -> list[dict]:
    """Everything there is, newest first, as a client that follows the pages reads it."""
    path, rows = "/api/v1/projects/mails/predictions?limit=200", []
    while path:
        page = ask(instance, key, path.removeprefix(instance.base_url))
        rows += page["predictions"]
        path = page["older"]
    return rows


def test_predictions_that_come_while_the_clock_jumps_are_stored_once_and_in_order(
    instance, clock, key, true_clock
) -> None:
    told: list[dict] = []
    enough = Event()

    def send() -> None:
        while not enough.is_set():
            told.append(ask(instance, key, BATCH, body=batch(len(told)), tag=f"batch-{len(told)}"))
            # At a pace that the key's limit of calls a minute allows, sent again three times too.
            enough.wait(0.25)

    began = datetime.now(UTC)
    client = Thread(target=send)
    client.start()
    for hours in (3, 0, -5, 0):
        clock.set_to(hours=hours)
        sent = len(told)
        wait_until(lambda sent=sent: len(told) >= sent + 3, seconds=60, what="more")
    enough.set()
    client.join()

    for hours in (3, -5, 0):
        clock.set_to(hours=hours)
        for number, first in enumerate(told):
            again = ask(instance, key, BATCH, body=batch(number), tag=f"batch-{number}")
            assert again == first, "the first answer, whatever the clock says"
    rows = [row for row in listed(instance, key) if not row["external_id"].startswith("mail-9999")]
    names = [row["external_id"] for row in rows]
    assert len(names) == len(set(names)) == SIZE * len(told)
    batches = [name[:9] for name in names]
    assert batches == sorted(batches, reverse=True), "the order in which they came"
    times = [datetime.fromisoformat(row["received_at"]) for row in rows]
    if true_clock:
        assert times == sorted(times, reverse=True)
        assert began <= times[-1] <= times[0] <= datetime.now(UTC)
    else:
        assert max(times) - began > timedelta(hours=2)
        assert began - min(times) > timedelta(hours=4)
    instance.manage("check_counters")


def select(instance: Services, sql: str) -> list:
    """Asked of the database itself, by a process with the true clock."""
    url = instance.environ["REVIEWHUB_DATABASE_URL"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as file:
            return [row[0] for row in file.execute(sql)]
    with psycopg.connect(url) as server:
        return [row[0] for row in server.execute(sql)]


def holders(instance: Services) -> list[str]:
    return select(
        instance,
        "SELECT username FROM annotations_assignment lease "
        "JOIN annotations_user person ON person.id = lease.reviewer_id WHERE state = 'held'",
    )


def reviews(instance: Services) -> list[str]:
    return select(instance, "SELECT verdict FROM annotations_review WHERE effective")


def test_a_lease_is_neither_ended_by_a_jump_forward_nor_kept_by_one_back(
    instance, clock, key, true_clock
) -> None:
    ask(instance, key, BATCH, body=batch(9999), tag="for-people")
    clock.set_to(hours=0)
    rita = Browser(instance.base_url)
    rita.log_in("rita", PASSWORD)
    form = rita.open("/p/mails/review").form_with(verdict="label")
    assert form is not None
    began = time.monotonic()
    clock.set_to(hours=3)
    if true_clock:
        # Three rounds of the sweep, well before the lease is over.
        time.sleep(3)
        assert holders(instance) == ["rita"]
        assert time.monotonic() - began < LEASE
    else:
        wait_until(lambda: not holders(instance), what="the lease is over by this clock")
    # What she was looking at is taken all the same, once.
    rita.submit(form, label="praise")
    assert reviews(instance) == ["corrected"]
    rita.submit(form, label="praise")
    assert reviews(instance) == ["corrected"]

    otto = Browser(instance.base_url)
    otto.log_in("otto", PASSWORD)
    assert otto.open("/p/mails/review").form_with(verdict="label") is not None
    assert "otto" in holders(instance)
    clock.set_to(hours=0)
    wait_until(lambda: "otto" not in holders(instance), seconds=120, what="otto's lease is over")
