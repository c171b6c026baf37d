"""Every process that wakes tasks talks to our broker, and every message finds its task."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
import redis
import structlog
from celery import current_app
from django.conf import settings as django_settings

from reviewhub.celery import app
from reviewhub.common.models import WorkerHeartbeat
from reviewhub.common.tasks import beat
from reviewhub.common.wake import wake
from tests.services import RedisServer, wait_until


def test_our_application_is_the_current_one_in_every_thread(settings) -> None:
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((current_app.main, current_app.conf.broker_url))

    look()
    thread = Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [("reviewhub", settings.CELERY_BROKER_URL)] * 2


def test_every_scheduled_task_exists() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert set(django_settings.RECONCILERS) <= scheduled
    assert scheduled <= set(app.tasks), scheduled - set(app.tasks)


def test_only_json_is_taken_and_no_result_is_kept() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_ignore_result
    assert app.conf.result_backend is None
    assert app.conf.worker_prefetch_multiplier == 1


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("training.execute_run", "train"),
        ("training.embed_items", "infer"),
        ("common.deliver", "fast"),
        ("annotations.sweep", "fast"),
    ],
)
def test_each_task_has_its_queue(task: str, queue: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == queue


@pytest.mark.django_db
def test_a_beat_is_written_down() -> None:
    beat(queue="fast")
    beat(queue="fast", something_new=1)
    assert WorkerHeartbeat.objects.get().queue == "fast"


@pytest.mark.django_db(transaction=True)
def test_the_request_id_travels_with_the_message(broker: RedisServer) -> None:
    with structlog.contextvars.bound_contextvars(request_id="from-outside-1"):
        wake("common.deliver", delivery_id=1)
    with redis.Redis.from_url(broker.url) as client:
        (message,) = map(json.loads, client.lrange("fast", 0, -1))
    assert message["headers"]["__django_structlog__"]["request_id"] == "from-outside-1"


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_runs_a_wake_up_under_its_request_id(
    broker: RedisServer, repository: Path, tmp_path: Path
) -> None:
    """From the request to the worker's log line; and the reconcilers run as the worker starts."""
    log = tmp_path / "worker.log"
    environ = worker_environment(broker, tmp_path)
    manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(manage, cwd=repository, env=environ, check=True)
    command = [sys.executable, "-m", "celery", "-A", "reviewhub.celery", "worker", "-P", "solo"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [*command, "-Q", "fast", "-l", "INFO", "--without-gossip", "--without-mingle"],
            cwd=repository,
            env=environ,
            stdout=output,
            stderr=output,
        )
    try:
        with structlog.contextvars.bound_contextvars(request_id="from-outside-1"):
            wake("common.deliver", delivery_id=1)
        wait_until(
            lambda: succeeded(log, "common.deliver") == ["from-outside-1"],
            seconds=60,
            what=f"the task ends under its request id; see {log}",
        )
        for name in django_settings.RECONCILERS:
            wait_until(lambda name=name: succeeded(log, name), seconds=60, what=name)
    finally:
        worker.terminate()
        worker.wait(timeout=60)


def worker_environment(broker: RedisServer, folder: Path) -> dict[str, str]:
    """The worker's database is a file of its own: this test is about messages."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "reviewhub.settings.test",
        "REVIEWHUB_REDIS_URL": broker.url,
        "REVIEWHUB_LOG_JSON": "true",
        "REVIEWHUB_DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "REVIEWHUB_TEST_DATABASE_URL": "",
    }
    return {**os.environ, **ours}


def succeeded(log: Path, task: str) -> list[str]:
    """Request ids of the runs of `task` that ended well."""
    written = log.read_text().rpartition("\n")[0]  # the last line may not be whole yet
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    done = [line for line in lines if line["event"] == "task_succeeded"]
    return [line.get("request_id", "") for line in done if line.get("task") == task]
