"""What wakes a worker, through a real Redis."""

from __future__ import annotations

import json

import pytest
import redis

from annotations.signals import annotation_approved
from tests.factories import present, project
from tests.training.builders import queued_run
from training.tasks import consider, execute, reconcile

pytestmark = pytest.mark.django_db(transaction=True)


def messages(server, queue: str) -> list[str]:
    with redis.Redis.from_url(server.url) as client:
        return [json.loads(raw)["headers"]["task"] for raw in client.lrange(queue, 0, -1)]


def test_a_requested_run_wakes_the_queue_for_training(broker) -> None:
    queued_run(project())
    assert messages(broker, "train") == ["training.execute_run"]


def test_approvals_wake_the_question_whether_a_run_is_due(broker) -> None:
    cells = project()
    annotation_approved.send(sender=None, project_id=cells.pk, annotation_ids=[1], now=present())
    assert "training.consider_run" in messages(broker, "fast")


def test_tasks_may_come_twice_late_or_for_nothing(broker) -> None:
    cells = project()
    consider(project_id=cells.pk, sent_by="a later version")
    execute(run_id=987_654)
    assert reconcile() == {"recovered": 0, "requested": 0}


def test_a_run_is_acknowledged_at_once_since_its_row_brings_it_back() -> None:
    assert execute.acks_late is False
