"""What wakes a worker, through a real Redis."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import redis
from django.db.models import F

from annotations.domain.routing import Learning, Novelty, Rules
from annotations.models import Project, QueueEntry
from annotations.signals import annotation_approved
from tests.factories import prediction, present, project
from tests.training.builders import queued_run
from tests.training.streams import BLUE, RED, arrive, learned, use_colours
from training import receivers, tasks
from training.actions.score_novelty import NoveltyPass
from training.models import NoveltyCursor
from training.tasks import consider, execute, look_for_novelty, reconcile, select, watch

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


def test_routed_predictions_wake_the_search_for_novelty_once_for_many_batches(
    broker, monkeypatch
) -> None:
    monkeypatch.setattr(receivers, "SECONDS_BETWEEN_WAKES", 3600.0)
    receivers._woken.clear()
    cells = project()
    for _ in range(5):
        prediction(cells)
    assert messages(broker, "infer") == ["training.embed_for_novelty"]


def test_what_a_lost_message_missed_is_found_by_the_watch(broker, settings, tmp_path) -> None:
    digest = use_colours(settings, tmp_path)
    yesterday = present() - timedelta(days=1)
    both = Rules(audit_rate=1e-6, novelty=Novelty(), learning=Learning(budget_per_day=5))
    cells = project(rules=both, now=yesterday)
    learned(cells, RED, 250, digest=digest)
    project()
    arrive(cells, BLUE, 2, confidence=0.7, now=yesterday)
    arrive(cells, BLUE, 1)
    broker.flush()

    assert watch() == {"novelty": 1, "learning": 1}
    assert sorted(messages(broker, "infer")) == [
        "training.embed_for_novelty",
        "training.embed_to_select",
    ]
    look_for_novelty(project_id=cells.pk, sent_by="a later version")
    select(project_id=cells.pk)
    assert watch() == {"novelty": 1, "learning": 0}
    assert QueueEntry.objects.count() == 3
    # the second look is due when no intake can be under way any more
    NoveltyCursor.objects.update(settled_id=F("seen_id"))
    assert watch() == {"novelty": 0, "learning": 0}


def test_a_project_of_no_time_zone_keeps_no_novelty_from_being_looked_for(broker) -> None:
    project(rules=Rules(audit_rate=1e-6, novelty=Novelty()))
    broken = project(rules=Rules(audit_rate=1e-6, learning=Learning(budget_per_day=5)))
    Project.objects.filter(pk=broken.pk).update(site_time_zone="Europe/Berln")
    with pytest.raises(ExceptionGroup, match="failed: learning"):
        watch()
    assert messages(broker, "infer") == ["training.embed_for_novelty"]


def test_a_turn_that_was_too_short_wakes_the_next(broker, settings, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tasks, "score_novelty", lambda **_: NoveltyPass(handled=3, more=True))
    look_for_novelty(project_id=7)
    assert messages(broker, "infer") == ["training.embed_for_novelty"]


def test_tasks_may_come_twice_late_or_for_nothing(broker) -> None:
    cells = project()
    consider(project_id=cells.pk, sent_by="a later version")
    execute(run_id=987_654)
    look_for_novelty(project_id=987_654)
    select(project_id=987_654)
    assert reconcile() == {"recovered": 0, "requested": 0}


def test_a_run_is_acknowledged_at_once_since_its_row_brings_it_back() -> None:
    assert execute.acks_late is False
