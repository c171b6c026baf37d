from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import GOOD, lead, project, queued
from tests.pages import HTMX, page, queries_of
from tests.training.builders import approved, decision, first_champion, model
from tests.world import lively_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return lively_project()


def test_the_loop_shows_what_is_at_each_station_and_the_counts_balance(client, world):
    client.force_login(world.lead)

    text = page(client, "training:overview", world.project)

    assert "24 predictions = " in text
    assert "The counts balance" in text
    assert 'aria-label="Live: v2"' in text
    assert 'aria-label="Run: 5"' in text
    assert "Train and calibrate, 62%" in text


def test_what_waits_for_a_lead_is_a_sentence_with_a_link(client, world):
    client.force_login(world.lead)
    text = page(client, "training:overview", world.project)
    slug = world.project.slug
    assert "1 dispute, oldest" in text
    assert reverse("annotations:adjudicate", args=[slug]) in text
    assert "2 answers to approve, oldest" in text
    assert "Gate verdict for v3: not enough evidence" in text
    assert reverse("training:model", args=[slug, 3]) in text


def test_a_new_project_waits_for_nothing(client):
    empty = project()
    client.force_login(lead(empty))
    text = page(client, "training:overview", empty)
    assert "Nothing waits for a decision of yours." in text
    assert "no champion yet" in text


def test_the_picture_is_polled_as_a_fragment(client, world):
    client.force_login(world.lead)
    address = reverse("training:overview", args=[world.project.slug])
    response = client.get(address, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="live"')
    assert "HX-Request" in response["Vary"]


def test_a_full_loop_costs_the_same_as_a_short_one():
    many = project()
    client = Client()
    client.force_login(lead(many))
    address = reverse("training:overview", args=[many.slug])
    champion = first_champion(many)
    _live_on(many, champion, 10)
    short = queries_of(client, address)
    _live_on(many, champion, 60)
    assert queries_of(client, address) == short


def _live_on(of, champion, steps):
    for number in range(steps):
        queued(of)
        approved(of, label=GOOD, fold="learn")
        if number % 5 == 0:
            decision(model(of), champion=champion, verdict="refuse")
