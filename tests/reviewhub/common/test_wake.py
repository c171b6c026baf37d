from __future__ import annotations

import json
import socket
import time

import pytest
import redis
from celery import current_app
from django.db import transaction

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.models import AuditEntry
from reviewhub.common.wake import wake
from tests.services import RedisServer

pytestmark = pytest.mark.django_db(transaction=True)


def messages(server: RedisServer, queue: str = "fast") -> list[dict]:
    with redis.Redis.from_url(server.url) as client:
        return [json.loads(message) for message in client.lrange(queue, 0, -1)]


def deed() -> None:
    audit.record(
        actor=Actor.system("test"),
        action="deed",
        subject=("t", "1"),
        project_id=None,
        now=database_now(),
    )


def test_publishes_after_the_commit_and_not_before(broker: RedisServer) -> None:
    with transaction.atomic():
        wake("common.deliver", delivery_id=7)
        assert messages(broker) == []
    (message,) = messages(broker)
    assert message["headers"]["task"] == "common.deliver"
    assert message["headers"]["kwargsrepr"] == "{'delivery_id': 7}"


def test_goes_to_the_queue_that_is_named(broker: RedisServer) -> None:
    wake("training.execute_run", queue="train", run_id=1)
    assert len(messages(broker, "train")) == 1


def test_says_nothing_of_what_was_rolled_back(broker: RedisServer) -> None:
    with transaction.atomic():
        wake("common.deliver", delivery_id=7)
        transaction.set_rollback(True)
    assert messages(broker) == []


def test_a_broker_that_is_down_costs_a_log_line_and_the_commit_stands(monkeypatch, caplog) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    began, others = time.monotonic(), []
    with transaction.atomic():
        deed()
        wake("common.deliver", delivery_id=7)
        transaction.on_commit(lambda: others.append(1), robust=True)
    assert AuditEntry.objects.count() == 1
    assert others == [1]
    assert time.monotonic() - began < 20
    assert "wake_failed" in caplog.text


def test_a_broker_that_never_answers_costs_a_second(monkeypatch, caplog) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setattr(current_app.conf, "broker_url", url)
        began = time.monotonic()
        with transaction.atomic():
            deed()
            wake("common.deliver", delivery_id=7)
        # Half a minute is what workers wait, and what nobody's request may.
        assert time.monotonic() - began < 20
    assert AuditEntry.objects.count() == 1
    assert "wake_failed" in caplog.text


@pytest.mark.faults
def test_works_again_once_the_broker_is_back(broker: RedisServer) -> None:
    wake("common.deliver", delivery_id=1)
    broker.kill()
    wake("common.deliver", delivery_id=2)
    broker.start_again()
    wake("common.deliver", delivery_id=3)
    assert messages(broker)[0]["headers"]["kwargsrepr"] == "{'delivery_id': 3}"
