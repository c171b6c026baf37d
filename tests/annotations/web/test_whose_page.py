"""A page of one person does nothing in the name of another who has logged in beside it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Comment, Review
from tests.factories import GOOD, PASSWORD, project, queued, reviewer
from tests.pages import hidden_fields, page

pytestmark = pytest.mark.django_db
BENCH = {"X-Bench": "1", "Accept": "application/json"}
DEEDS = ["ahead", "answer", "undo", "comment", "send-to-lead", "leave-grid", "undo-grid"]


@pytest.fixture
def cells():
    cells = project(review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(8):
        queued(cells, external_id=f"cell-{number}", confidence=0.62)
    return cells


@pytest.fixture
def rita(cells):
    return reviewer(cells, "rita")


@pytest.fixture
def rolf(cells):
    return reviewer(cells, "rolf")


@pytest.fixture
def browser(rita, rolf, cells):
    """Rolf has logged in beside a page of Rita's, and holds an item himself."""
    browser = Client(headers=BENCH)
    browser.force_login(rolf)
    assert browser.get(url(cells, "ahead")).status_code == 200
    return browser


def url(cells, name):
    return reverse(f"annotations:{name}", args=[cells.slug])


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_of_the_first_person_is_refused(browser, cells, rita, rolf, name):
    held = list(Assignment.objects.order_by("pk").values())
    entry = Assignment.objects.filter(reviewer=rolf).earliest("pk").entry
    said = {"entry": str(entry.uid), "token": str(uuid4()), "verdict": "label", "label": GOOD}
    ask = browser.get if name == "ahead" else browser.post
    response = ask(
        url(cells, name),
        {**said, "text": "a scratch?", "review": str(uuid4())},
        headers={"X-User": str(rita.uid)},
    )
    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert not Review.objects.exists()
    assert not Comment.objects.exists()
    assert list(Assignment.objects.order_by("pk").values()) == held


def test_a_deed_of_the_person_who_is_logged_in_is_done(browser, cells, rolf):
    response = browser.get(url(cells, "ahead"), headers={"X-User": str(rolf.uid)})
    assert response.status_code == 200


def test_a_page_that_closes_gives_back_nothing_of_somebody_else(browser, cells, rita, rolf):
    held = Assignment.objects.filter(reviewer=rolf, state="held")
    before = held.count()
    response = browser.post(url(cells, "leave"), {"user": str(rita.uid)})
    assert response.status_code == 401
    assert held.count() == before > 0
    assert browser.post(url(cells, "leave"), {"user": str(rolf.uid)}).status_code == 204
    assert held.count() == 0


def test_a_plain_form_of_the_first_person_is_refused(cells, rita, rolf):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(rita)
    form = hidden_fields(page(browser, "annotations:review", cells), within='name="verdict"')
    assert form["csrfmiddlewaretoken"]
    browser.post(reverse("logout"), {"csrfmiddlewaretoken": form["csrfmiddlewaretoken"]})
    login = reverse("login")
    token = hidden_fields(browser.get(login).content.decode(), within="username")
    told = browser.post(login, {**token, "username": "rolf", "password": PASSWORD})
    assert told.status_code == 302
    response = browser.post(url(cells, "answer"), {**form, "verdict": "label", "label": GOOD})
    assert response.status_code == 403
    assert not Review.objects.exists()
