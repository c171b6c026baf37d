"""The whole list of what a simulation would change, as a file."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse

from annotations.actions.request_simulation import request_simulation
from annotations.domain.routing import Rules
from annotations.models import SideChange
from reviewhub.common import jobs
from reviewhub.common.models import Job
from tests.factories import (
    NOTHING_QUEUED,
    TESTER,
    incoming,
    lead,
    present,
    project,
    reviewer,
    submit,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
STRICT = Rules(low_confidence=0.8, audit_rate=0.01)


@pytest.fixture
def cells():
    return project(rules=NOTHING_QUEUED)


def simulated(cells, *names):
    batch = [incoming(name, seed=n, confidence=0.6) for n, name in enumerate(names)]
    submit(cells, *batch, now=present() - timedelta(days=1))
    job = request_simulation(project=cells, rules=STRICT, days=7, actor=TESTER, now=present())
    jobs.run_job(job_id=job.pk, clock=present)
    return Job.objects.get(pk=job.pk)


def read(client, cells, job):
    address = reverse("annotations:simulation-changes", args=[cells.slug])
    return client.get(address, {"job": job.uid})


def page_of(client, cells, job):
    address = reverse("annotations:routing", args=[cells.slug])
    return client.get(address, {"job": job.uid}).content.decode()


def test_the_table_names_every_item(client, cells, monkeypatch):
    monkeypatch.setattr("annotations.queries.changed_sides.CHUNK", 7)
    job = simulated(cells, *[f"cell-{n:02}" for n in range(30)])
    client.force_login(lead(cells))
    answer = read(client, cells, job)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer.getvalue().decode())))
    assert [row["external_id"] for row in rows] == [f"cell-{n:02}" for n in range(30)]
    assert {row["side"] for row in rows} == {"to_people"}
    assert rows[0]["reasons"] == "low_confidence"
    assert f"changes.csv?job={job.uid}" in page_of(client, cells, job)


def test_a_name_is_never_a_formula(client, cells):
    names = ["=1+1", "@sum", "+1", "-1", "a,b", 'say "x"', "line"]
    job = simulated(cells, *names)
    client.force_login(lead(cells))
    rows = list(csv.DictReader(StringIO(read(client, cells, job).getvalue().decode())))
    told = {row["external_id"] for row in rows}
    assert told == {"'=1+1", "'@sum", "'+1", "'-1", "a,b", 'say "x"', "line"}


def test_a_list_that_is_no_longer_kept_is_not_offered(client, cells):
    job = simulated(cells, "cell-1")
    SideChange.objects.all().delete()
    client.force_login(lead(cells))
    assert "changes.csv" not in page_of(client, cells, job)
    assert len(read(client, cells, job).getvalue().decode().splitlines()) == 1


def test_it_is_for_leads_of_the_project_alone(client, cells):
    job = simulated(cells, "cell-1")
    client.force_login(reviewer(cells))
    assert read(client, cells, job).status_code == 403
    other = project()
    client.force_login(lead(other))
    assert read(client, other, job).status_code == 404
    assert read(client, cells, job).status_code == 404
