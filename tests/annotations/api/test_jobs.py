"""Long work, watched and ended through the API and the page."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from annotations.models import Verb
from reviewhub.common import jobs
from reviewhub.common.clock import database_now
from reviewhub.common.models import AuditEntry, Job
from tests import factories
from tests.factories import TESTER, bearer, present
from tests.pages import HTMX, page, queries_of

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells/jobs"


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.PREDICT)[1])


@pytest.fixture
def desk(client, cells):
    client.force_login(factories.lead(cells))
    return client


@pytest.fixture(autouse=True)
def work(monkeypatch):
    """A kind of job that counts to three."""
    monkeypatch.setattr(jobs, "_runners", dict(jobs._runners))

    def count(job: jobs.HeldJob):
        for number in (1, 2, 3):
            job.advance(number, total=3, message=f"at {number}")
        return {"counted": 3, "lines": [1, 2]}

    jobs.register("count_up", count)


def job(of) -> Job:
    return jobs.request_job(
        project_id=of.pk, kind="count_up", params={}, actor=TESTER, now=present()
    )


def test_a_job_is_watched_from_waiting_to_its_result(client, cells, headers) -> None:
    waiting = job(cells)
    path = f"{PATH}/{waiting.uid}"
    told = client.get(path, headers=headers).json()
    assert (told["state"], told["done"], told["total"], told["result"]) == ("queued", 0, None, None)
    jobs.run_job(job_id=waiting.pk, clock=database_now)
    told = client.get(path, headers=headers).json()
    assert (told["state"], told["done"], told["total"]) == ("succeeded", 3, 3)
    assert told["result"] == {"counted": 3, "lines": [1, 2]}
    assert told["error"] is None
    assert told["ended_at"] >= told["started_at"] >= told["created_at"]


def test_jobs_are_listed_newest_first_in_pages(client, cells, headers) -> None:
    made = [str(job(cells).uid) for _ in range(5)]
    first = client.get(PATH, {"limit": 2}, headers=headers).json()
    second = client.get(first["older"], headers=headers).json()
    assert [each["uid"] for each in (*first["jobs"], *second["jobs"])] == made[:0:-1]
    assert first["newer"] is None
    assert "limit=2" in first["older"]
    back = client.get(second["newer"], headers=headers).json()
    assert back["jobs"] == first["jobs"]


def test_a_waiting_job_is_cancelled_at_once_and_no_job_twice(client, cells, headers) -> None:
    waiting = job(cells)
    path = f"{PATH}/{waiting.uid}:cancel"
    answer = client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    again = client.post(path, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")
    assert again.json()["state"] == "cancelled"
    jobs.run_job(job_id=waiting.pk, clock=database_now)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert AuditEntry.objects.filter(action="job.cancel").count() == 1


def test_a_running_job_is_asked_to_stop(client, cells, headers) -> None:
    running = job(cells)

    def stop_half_way(held: jobs.HeldJob):
        held.advance(1, total=3)
        told = client.post(f"{PATH}/{running.uid}:cancel", headers=headers).json()
        assert (told["state"], told["cancelling"]) == ("running", True)
        held.advance(2, total=3)
        raise AssertionError("went on")

    jobs.register("count_up", stop_half_way)
    jobs.run_job(job_id=running.pk, clock=database_now)
    running.refresh_from_db()
    assert (running.state, running.done) == ("cancelled", 2)


def test_what_went_wrong_is_told(client, cells, headers) -> None:
    broken = job(cells)
    jobs.register("count_up", lambda held: 1 / 0)
    jobs.run_job(job_id=broken.pk, clock=database_now)
    told = client.get(f"{PATH}/{broken.uid}", headers=headers).json()
    assert (told["state"], told["error"]["code"]) == ("failed", "unexpected")


def test_jobs_of_others_are_not_there(client, headers) -> None:
    other = job(factories.project("other"))
    for uid in (other.uid, uuid4()):
        answer = client.get(f"{PATH}/{uid}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_job")
        assert client.post(f"{PATH}/{uid}:cancel", headers=headers).status_code == 404
    assert client.get(PATH, headers=headers).json()["jobs"] == []


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"kind": "a"}])
def test_a_wrong_question_is_told(client, headers, query) -> None:
    answer = client.get(PATH, query, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(query)))


def test_the_page_lives_while_a_job_does(desk, cells) -> None:
    running = job(cells)
    text = page(desk, "annotations:jobs", cells)
    assert 'hx-trigger="every 2s"' in text
    assert "Count up" in text
    fragment = desk.get(reverse("annotations:jobs", args=["cells"]), headers=HTMX)
    assert fragment.content.decode().lstrip().startswith("<div")
    jobs.run_job(job_id=running.pk, clock=database_now)
    text = page(desk, "annotations:jobs", cells)
    assert "hx-get" not in text.partition('id="jobs"')[2]
    assert "counted 3" in text


def test_a_lead_cancels_by_one_button(desk, cells) -> None:
    waiting = job(cells)
    cancel = reverse("annotations:cancel-job", args=["cells", waiting.uid])
    assert cancel in page(desk, "annotations:jobs", cells)
    answer = desk.post(cancel, follow=True)
    assert "is being cancelled" in answer.content.decode()
    assert 'role="alert"' in desk.post(cancel, follow=True).content.decode()
    assert cancel not in page(desk, "annotations:jobs", cells)


def test_an_empty_page_says_so(desk, cells) -> None:
    assert "No job yet" in page(desk, "annotations:jobs", cells)


def test_a_longer_list_needs_no_more_queries(desk, cells) -> None:
    url = reverse("annotations:jobs", args=["cells"])
    for _ in range(3):
        job(cells)
    few = queries_of(desk, url)
    for _ in range(10):
        job(cells)
    assert queries_of(desk, url) == few
