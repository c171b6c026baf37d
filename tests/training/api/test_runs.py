from __future__ import annotations

from uuid import uuid4

import pytest

from tests.factories import api_key, bearer, lead, project, reviewer
from tests.training.builders import model, queued_run
from training.models import TrainingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return project()


@pytest.fixture
def headers(cells):
    return bearer(api_key(cells, "release")[1])


def url(of, path: str = "runs") -> str:
    return f"/api/v1/projects/{of.slug}/{path}"


def test_a_run_is_requested_watched_and_cancelled(client, cells, headers) -> None:
    made = client.post(url(cells), {"reasons": ["drift"]}, "application/json", headers=headers)
    assert made.status_code == 201
    run = made.json()
    assert (run["number"], run["state"], run["reasons"]) == (1, "queued", ["drift"])
    seen = client.get(url(cells, f"runs/{run['uid']}"), headers=headers).json()
    assert [step["state"] for step in seen["steps"]] == ["waiting"] * 5
    ended = client.post(url(cells, f"runs/{run['uid']}:cancel"), headers=headers)
    assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")
    again = client.post(url(cells, f"runs/{run['uid']}:cancel"), headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "run_already_ended")


def test_a_second_run_is_refused_while_one_is_active(client, cells, headers) -> None:
    queued_run(cells)
    answer = client.post(url(cells), {}, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "run_already_active")
    assert TrainingRun.objects.count() == 1


def test_runs_are_listed_page_by_page(client, cells, headers) -> None:
    for _ in range(3):
        model(cells)
    listed = client.get(url(cells), {"before": 3}, headers=headers).json()
    assert [row["number"] for row in listed["runs"]] == [2, 1]
    odd = client.get(url(cells), {"before": "yesterday"}, headers=headers).json()
    assert [row["number"] for row in odd["runs"]] == [3, 2, 1]


def test_a_lead_may_request_a_run_and_a_reviewer_may_not(client, cells) -> None:
    client.force_login(reviewer(cells))
    assert client.post(url(cells), {}, "application/json").status_code == 403
    client.force_login(lead(cells, "lena"))
    made = client.post(url(cells), {}, "application/json")
    assert made.json()["requested_by"] == "lena"


def test_there_is_no_such_run(client, cells, headers) -> None:
    answer = client.get(url(cells, f"runs/{uuid4()}"), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_run")


def test_other_methods_are_refused(client, cells, headers) -> None:
    assert client.delete(url(cells), headers=headers).status_code == 405
    assert client.post(url(cells, "champion"), headers=headers).status_code == 405
