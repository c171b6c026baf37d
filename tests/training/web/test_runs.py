from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import lead, project, reviewer, stranger
from tests.kinds import texts_project
from tests.pages import HTMX, page, queries_of
from tests.training.builders import model, queued_run
from tests.world import lively_project
from training.models import TrainingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return project()


@pytest.fixture
def desk(client, cells):
    client.force_login(lead(cells))
    return client


def url(of, name, *args):
    return reverse(f"training:{name}", args=[of.slug, *args])


def test_runs_tell_state_step_and_model(client):
    world = lively_project()
    client.force_login(world.lead)
    text = page(client, "training:runs", world.project)
    for part in ("Run 5", "running", "Fold 3 of 5.", "failed", "Train and calibrate", "v3"):
        assert part in text
    assert 'hx-trigger="every 3s"' in text


def test_a_run_shows_its_steps_figures_and_log(client):
    world = lively_project()
    client.force_login(world.lead)
    text = page(client, "training:run", world.project, world.failed_run.number)
    assert "Embed images" in text
    assert "1 min 11 s" in text
    assert "items 110" in text
    assert "ValueError: no finite loss" in text
    assert "hx-trigger" not in text


def test_a_run_at_work_is_polled_as_a_fragment_until_it_ends(client):
    world = lively_project()
    client.force_login(world.lead)
    address = url(world.project, "run", world.active_run.number)
    working = client.get(address, headers=HTMX).content.decode()
    assert working.lstrip().startswith('<div id="run"')
    assert "every 2s" in working
    TrainingRun.objects.filter(pk=world.active_run.pk).update(
        state="succeeded", ended_at=world.active_run.created_at, lease_until=None
    )
    assert "every 2s" not in client.get(address, headers=HTMX).content.decode()


def test_a_lead_asks_for_a_run_and_says_why(desk, cells):
    response = desk.post(url(cells, "request_run"), {"reason": "the line was rebuilt"})

    run = TrainingRun.objects.get()
    assert response.url == url(cells, "run", run.number)
    assert run.reasons == ["the line was rebuilt"]
    assert "the line was rebuilt" in page(desk, "training:run", cells, run.number)


def test_a_second_run_is_refused_while_one_is_active(desk, cells):
    queued_run(cells)
    assert url(cells, "request_run") not in page(desk, "training:runs", cells)
    response = desk.post(url(cells, "request_run"), {"reason": "once more"}, follow=True)
    assert "has an active training run" in response.content.decode()
    assert TrainingRun.objects.count() == 1


def test_a_run_is_cancelled_from_its_page(desk, cells):
    run = queued_run(cells)
    assert "Cancel run" in page(desk, "training:run", cells, run.number)
    response = desk.post(url(cells, "cancel_run", run.number), follow=True)
    run.refresh_from_db()
    assert run.state == "cancelled"
    assert "is being cancelled" in response.content.decode()


def test_what_has_ended_cannot_be_cancelled(desk, cells):
    number = model(cells).run.number
    response = desk.post(url(cells, "cancel_run", number), follow=True)
    assert "The training run has ended" in response.content.decode()


def test_a_run_that_does_not_exist_is_a_page_that_says_so(desk, cells):
    response = desk.get(url(cells, "run", 99))
    assert response.status_code == 404
    assert "No such training run" in response.content.decode()


def test_reviewers_strangers_and_forged_forms_are_refused(cells):
    run = queued_run(cells)
    for address in (url(cells, "request_run"), url(cells, "cancel_run", run.number)):
        for person, status in ((reviewer(cells), 403), (stranger(), 404)):
            outside = Client()
            outside.force_login(person)
            assert outside.post(address).status_code == status
        forged = Client(enforce_csrf_checks=True)
        forged.force_login(lead(cells))
        assert forged.post(address).status_code == 403
    run.refresh_from_db()
    assert run.state == "queued"


def test_a_long_list_costs_the_same(desk, cells):
    for _ in range(10):
        model(cells)
    short = queries_of(desk, url(cells, "runs"))
    for _ in range(50):
        model(cells)
    assert queries_of(desk, url(cells, "runs")) == short
    assert 'rel="next"' in page(desk, "training:runs", cells)


def test_where_nothing_learns_the_page_says_so_and_offers_nothing(client):
    mail = texts_project()
    client.force_login(lead(mail))
    text = page(client, "training:runs", mail)
    assert "Nothing learns this kind of work yet" in text
    assert "Train now" not in text
    assert "Nothing learns this kind of work yet" in page(client, "training:overview", mail)
    told = client.post(url(mail, "request_run"), {"reason": "please"}, follow=True)
    assert "Nothing learns this kind of work yet" in told.content.decode()
    assert not TrainingRun.objects.exists()
