from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from reviewhub.common.clock import database_now
from reviewhub.common.heartbeat import beat
from reviewhub.common.metrics import Gauge, _readers, register
from tests.services import RedisServer

TOKEN = "scraper-token-0123456789"


def checks(client) -> dict[str, bool]:
    return {name: told["ok"] for name, told in client.get("/readyz").json()["checks"].items()}


def test_livez_answers_without_a_database(client) -> None:
    assert client.get("/livez").content == b"live\n"


@pytest.mark.both_databases
@pytest.mark.django_db
def test_readyz_is_ready_when_everything_is_there(client, broker: RedisServer) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["ready"] is True
    assert set(checks(client)) == {"database", "migrations", "broker", "storage"}
    assert storages["originals"].listdir("probe")[1] == []


@pytest.mark.django_db
def test_readyz_tells_of_workers_without_requiring_them(client, broker: RedisServer) -> None:
    now = database_now()
    assert client.get("/readyz").json()["workers"] == {}
    beat(queue="fast", worker="a@b", now=now)
    beat(queue="infer", worker="a@b", now=now - timedelta(hours=1))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    workers = answer.json()["workers"]
    assert (workers["fast"]["ok"], workers["infer"]["ok"]) == (True, False)


@pytest.mark.django_db
def test_readyz_names_a_broker_that_is_down_and_hides_where_it_is(client, settings) -> None:
    settings.REVIEWHUB_REDIS_URL = "redis://:geheim@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert checks(client)["broker"] is False
    assert b"geheim" not in answer.content
    assert b"127.0.0.1" not in answer.content


@pytest.mark.django_db
def test_readyz_names_a_migration_that_is_missing(client, broker: RedisServer) -> None:
    recorder = MigrationRecorder(connection)
    (newest,) = MigrationLoader(connection).graph.leaf_nodes("common")
    recorder.record_unapplied(*newest)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "1 not applied" in answer.json()["checks"]["migrations"]["note"]


@pytest.mark.django_db
def test_readyz_names_a_storage_that_cannot_be_written(
    client, broker: RedisServer, settings, tmp_path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    local = "django.core.files.storage.FileSystemStorage"
    originals = {"BACKEND": local, "OPTIONS": {"location": blocked}}
    settings.STORAGES = {**settings.STORAGES, "originals": originals}
    assert checks(client) == {
        "database": True,
        "migrations": True,
        "broker": True,
        "storage": False,
    }


@pytest.mark.parametrize("address", ["/livez", "/readyz", "/metrics"])
def test_probes_only_read(client, address) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_metrics_count_requests_and_what_the_apps_count(client) -> None:
    client.get("/livez")
    text = client.get("/metrics").content.decode()
    assert 'reviewhub_requests_total{method="GET",route="livez",status="200"}' in text
    for counted in (
        'deliveries{state="pending"}',
        'queue_entries{state="awaiting_review"}',
        'training_runs{state="queued"}',
    ):
        assert f"reviewhub_{counted} 0.0" in text
    assert "reviewhub_request_seconds_bucket" in text


@pytest.mark.django_db
def test_an_app_registers_its_own_figures(client, monkeypatch) -> None:
    monkeypatch.setattr("reviewhub.common.metrics._readers", list(_readers))

    @register
    def depth():
        yield Gauge("test_depth", "For a test.", 4, {"state": "queued"})
        yield Gauge("test_depth", "For a test.", 5, {"state": "done"})

    register(depth)
    text = client.get("/metrics").content.decode()
    assert text.count('reviewhub_test_depth{state="queued"} 4.0') == 1
    assert 'reviewhub_test_depth{state="done"} 5.0' in text


@pytest.mark.django_db
def test_metrics_are_for_this_machine_unless_there_is_a_token(client, settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
    settings.REVIEWHUB_METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 403
    sent = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=sent, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer ä"}).status_code == 403
