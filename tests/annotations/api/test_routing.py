"""Routing policies through the API: listed, tried, put in force."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.request_simulation import request_simulation
from annotations.domain.routing import Rules
from annotations.models import RoutingPolicy, Verb
from reviewhub.common import jobs
from reviewhub.common.models import Job
from tests import factories
from tests.factories import NOTHING_QUEUED, TESTER, bearer, incoming, present, submit
from tests.pages import queries_of

pytestmark = pytest.mark.django_db
POLICIES = "/api/v1/projects/cells/routing/policies"
SIMULATIONS = "/api/v1/projects/cells/routing/simulations"
RULES = {"low_confidence": 0.8, "disagreement": True, "audit_rate": 0.02}


@pytest.fixture
def cells():
    return factories.project("cells", rules=NOTHING_QUEUED)


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.RELEASE)[1])


def post(client, path, body, headers, **extra):
    return client.post(path, body, content_type="application/json", headers={**headers, **extra})


def test_a_policy_is_put_in_force_and_listed_first(client, headers) -> None:
    answer = post(client, POLICIES, {"rules": RULES}, headers)
    assert answer.status_code == 201, answer.content
    assert answer.json()["number"] == 2
    listed = client.get(POLICIES, headers=headers).json()
    assert [policy["number"] for policy in listed["policies"]] == [2, 1]
    assert listed["policies"][0]["rules"] == RULES
    assert (listed["older"], listed["newer"]) == (None, None)


def test_sent_again_under_its_key_it_is_one_policy(client, cells, headers) -> None:
    key = {"Idempotency-Key": "once"}
    first = post(client, POLICIES, {"rules": RULES}, headers, **key).json()
    again = post(client, POLICIES, {"rules": RULES}, headers, **key).json()
    assert again == first
    assert RoutingPolicy.objects.filter(project=cells).count() == 2


def test_pages_of_policies_cost_the_same_however_many_there_are(client, cells, headers) -> None:
    client.force_login(factories.lead(cells))

    def listed():
        return queries_of(client, POLICIES)

    few = listed()
    for _ in range(8):
        post(client, POLICIES, {"rules": RULES}, headers)
    assert listed() == few
    page = client.get(POLICIES, {"limit": 3}).json()
    assert [policy["number"] for policy in page["policies"]] == [9, 8, 7]
    assert client.get(page["older"]).json()["policies"][0]["number"] == 6


def test_rules_are_tried_without_being_put_in_force(client, cells, headers) -> None:
    yesterday = present() - timedelta(days=1)
    submit(cells, incoming(confidence=0.7), incoming(confidence=0.9), now=yesterday)
    answer = post(client, SIMULATIONS, {"rules": RULES, "days": 7}, headers)
    assert answer.status_code == 202, answer.content
    told = answer.json()
    assert (told["kind"], told["state"]) == ("simulate_policy", "queued")
    jobs.run_job(job_id=Job.objects.get(uid=told["uid"]).pk, clock=present)
    job = client.get(f"/api/v1/projects/cells/jobs/{told['uid']}", headers=headers).json()
    assert (job["state"], job["error"]) == ("succeeded", None)
    assert job["result"]["to_people"]["count"] == 1
    assert RoutingPolicy.objects.filter(project=cells).count() == 1


@pytest.mark.parametrize("path", [POLICIES, SIMULATIONS])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rules": {"audit_rate": 0}}, "audit_rate"),
        ({"rules": {}}, "audit_rate"),
        ({"rules": {**RULES, "low_confidence": "much"}}, "low_confidence"),
        ({"rules": []}, "rules"),
        ({}, "rules"),
        ({"rules": RULES, "when": "now"}, "when"),
    ],
)
def test_what_is_wrong_is_named_by_field(client, headers, path, body, field) -> None:
    answer = post(client, path, body, headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Job.objects.exists()


@pytest.mark.parametrize("days", [0, 91, 1.5, "7"])
def test_days_that_cannot_be_replayed_are_refused(client, headers, days) -> None:
    answer = post(client, SIMULATIONS, {"rules": RULES, "days": days}, headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["days"]


@pytest.fixture
def simulation(cells):
    submit(cells, *[incoming(f"cell-{n}", seed=n, confidence=0.6) for n in range(5)])
    job = request_simulation(
        project=cells, rules=Rules.from_json(RULES), days=7, actor=TESTER, now=present()
    )
    jobs.run_job(job_id=job.pk, clock=present)
    return job


def test_every_item_that_changes_sides_is_listed_in_pages(client, headers, simulation) -> None:
    path = f"{SIMULATIONS}/{simulation.uid}/changes?limit=2"
    seen = []
    while path:
        page = client.get(path, headers=headers).json()
        seen += page["changes"]
        path = page["older"]
    assert [each["external_id"] for each in seen] == [f"cell-{n}" for n in (4, 3, 2, 1, 0)]
    assert seen[0] | {"item": "", "expected_cost": 0} == {
        "item": "",
        "external_id": "cell-4",
        "side": "to_people",
        "label": "defect",
        "confidence": 0.6,
        "expected_cost": 0,
        "reasons": [{"name": "low_confidence", "detail": {"confidence": 0.6, "below": 0.8}}],
    }
    other = client.get(f"{SIMULATIONS}/{simulation.uid}/changes?side=to_accepted", headers=headers)
    assert other.json()["changes"] == []
    wrong = client.get(f"{SIMULATIONS}/{simulation.uid}/changes?side=up", headers=headers)
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "side"


def test_the_changes_of_another_project_and_of_another_job_are_unknown(
    client, cells, simulation
) -> None:
    stranger = bearer(factories.api_key(factories.project("other"), Verb.RELEASE)[1])
    other = f"/api/v1/projects/other/routing/simulations/{simulation.uid}/changes"
    assert client.get(other, headers=stranger).status_code == 404
    Job.objects.filter(pk=simulation.pk).update(kind="import_bucket")
    mine = bearer(factories.api_key(cells, Verb.RELEASE)[1])
    answer = client.get(f"{SIMULATIONS}/{simulation.uid}/changes", headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_job")
