from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from annotations.actions.request_simulation import request_simulation
from annotations.domain.routing import Rules
from annotations.models import Item, RoutingPolicy, SideChange
from annotations.queries.changed_sides import changed_sides, every_changed_side
from reviewhub.common import jobs
from reviewhub.common.cursor import Cursor
from reviewhub.common.errors import InvalidInput
from reviewhub.common.models import AuditEntry, Job, JobState
from tests.factories import NOTHING_QUEUED, TESTER, incoming, present, project, submit
from tests.kinds import box, boxes_project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

STRICT = Rules(low_confidence=0.8, audit_rate=0.01)
YESTERDAY = timedelta(days=1)


def requested(cells, rules=STRICT, days=7):
    return request_simulation(project=cells, rules=rules, days=days, actor=TESTER, now=present())


def simulated(cells, **asked):
    job = requested(cells, **asked)
    jobs.run_job(job_id=job.pk, clock=present)
    job.refresh_from_db()
    return job


@pytest.fixture
def cells():
    cells = project(rules=NOTHING_QUEUED)
    batch = (
        incoming(f"cell-{n}", seed=n, confidence=confidence)
        for n, confidence in enumerate([0.6, 0.7, 0.9, 0.95])
    )
    submit(cells, *batch, now=present() - YESTERDAY)
    return cells


def test_changed_rules_are_tried_on_what_is_on_record(cells):
    job = simulated(cells)
    assert (job.state, job.error) == (JobState.SUCCEEDED, "")
    result = job.result
    assert (result["policy"], result["predictions"], result["share"]) == (1, 4, 1.0)
    assert result["now"]["by_reason"].get("low_confidence") is None
    assert result["new"]["by_reason"]["low_confidence"] == 2
    assert result["to_people"]["count"] == 2
    assert {each["external_id"] for each in result["to_people"]["items"]} == {"cell-0", "cell-1"}
    assert (job.done, job.total) == (4, 4)


def test_rules_that_differ_in_the_overlap_of_boxes_each_see_their_own():
    """Two models whose boxes overlap by half: the same to the rules in force, not to the new."""
    parts = boxes_project(rules=replace(NOTHING_QUEUED, unmatched_boxes=1, box_iou=0.5))
    for days_ago, version, x in ((2, "1", 4), (1, "2", 7)):
        said = {"boxes": [box(x=x, width=10)]}
        sent = incoming("part-1", seed=1, version=version, probabilities=said)
        submit(parts, sent, now=present() - days_ago * YESTERDAY)
    stricter = replace(NOTHING_QUEUED, unmatched_boxes=1, box_iou=0.7)
    result = simulated(parts, rules=stricter).result
    assert (result["now"]["fired"], result["to_people"]["count"]) == ({}, 1)
    back = simulated(parts, rules=replace(stricter, box_iou=0.5)).result
    assert (back["new"]["fired"], back["to_people"]["count"]) == ({}, 0)


def test_nothing_is_put_in_force_by_it(cells):
    before = list(RoutingPolicy.objects.values_list("pk", flat=True))
    simulated(cells)
    assert list(RoutingPolicy.objects.values_list("pk", flat=True)) == before
    assert AuditEntry.objects.filter(action="job.request").count() == 1


def test_of_more_than_can_be_replayed_a_share_stands_for_all(cells, monkeypatch):
    monkeypatch.setattr("annotations.actions.simulate_policy.MOST_PREDICTIONS", 3)
    result = simulated(cells).result
    assert result["share"] == 0.75
    assert 0 < result["predictions"] <= 4


def test_without_predictions_it_says_so():
    job = simulated(project(rules=NOTHING_QUEUED))
    assert (job.state, job.error_code) == (JobState.FAILED, "nothing_to_replay")


def test_it_stops_when_it_is_cancelled(cells, monkeypatch):
    monkeypatch.setattr("annotations.queries.recorded.CHUNK", 1)
    job = requested(cells)
    Job.objects.filter(pk=job.pk).update(cancel_requested_at=present())
    jobs.run_job(job_id=job.pk, clock=present)
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.CANCELLED, 1)


@pytest.mark.parametrize("days", [0, 91])
def test_days_that_cannot_be_are_refused(cells, days):
    with pytest.raises(InvalidInput) as caught:
        requested(cells, days=days)
    assert caught.value.data["errors"][0]["field"] == "days"


def test_every_item_that_changes_sides_is_listed_and_not_only_the_dearest():
    cells = project(rules=NOTHING_QUEUED)
    batch = [incoming(f"cell-{n:02}", seed=n, confidence=0.6) for n in range(40)]
    submit(cells, *batch, incoming("cell-00", image=None, version="2", confidence=0.6))
    job = simulated(cells)
    assert (job.result["to_people"]["count"], len(job.result["to_people"]["items"])) == (40, 25)
    listed = [change.item.external_id for change in every_changed_side(job)]
    assert listed == [f"cell-{n:02}" for n in range(40)]
    change = SideChange.objects.filter(job=job).first()
    assert (change.side, change.confidence) == ("to_people", 0.6)
    assert [reason["name"] for reason in change.reasons] == ["low_confidence"]


def test_what_would_leave_the_queue_is_listed_too():
    cells = project(rules=STRICT)
    submit(cells, incoming("cell-1", confidence=0.7))
    job = simulated(cells, rules=NOTHING_QUEUED)
    assert [change.side for change in every_changed_side(job)] == ["to_accepted"]


def test_a_replay_that_begins_again_lists_each_item_once(cells):
    job = requested(cells)
    SideChange.objects.create(
        job=job,
        item=Item.objects.get(external_id="cell-3"),
        side="to_people",
        confidence=0.6,
        expected_cost=1.0,
        reasons=[],
    )
    jobs.run_job(job_id=job.pk, clock=present)
    job.refresh_from_db()
    listed = [change.item.external_id for change in every_changed_side(job)]
    assert listed == ["cell-0", "cell-1"]


def test_a_simulation_that_did_not_end_tells_no_list(cells, monkeypatch):
    monkeypatch.setattr("annotations.queries.recorded.CHUNK", 1)
    job = requested(cells)
    jobs.run_job(job_id=job.pk, clock=present)
    Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED)
    job.refresh_from_db()
    assert list(every_changed_side(job)) == []
    assert changed_sides(job, Cursor()).rows == []


def test_the_lists_of_the_last_simulations_are_kept(cells, monkeypatch):
    monkeypatch.setattr("annotations.actions.simulate_policy.KEPT", 2)
    done = [simulated(cells) for _ in range(3)]
    assert [len(list(every_changed_side(job))) for job in done] == [0, 2, 2]
    other = project(rules=NOTHING_QUEUED)
    submit(other, incoming(confidence=0.6), now=present() - YESTERDAY)
    assert len(list(every_changed_side(simulated(other)))) == 1
    assert len(list(every_changed_side(done[-1]))) == 2
