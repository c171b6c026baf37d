from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.routing import Novelty, Rules
from reviewhub.common.metrics import exposition
from tests.factories import GOOD, lead, present, project, queued
from tests.pages import HTMX, page, queries_of
from tests.training.builders import approved, decision, first_champion, model
from tests.training.streams import BLUE, LEARNING, LOOKING, RED, arrive, learned, use_colours
from tests.world import lively_project
from training.actions.score_novelty import score_novelty
from training.actions.select_for_learning import select_for_learning

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


def test_what_novelty_is_behind_with_is_told(client, settings, tmp_path):
    digest = use_colours(settings, tmp_path)
    cells = project(rules=LOOKING)
    client.force_login(lead(cells))
    assert "It begins with the next prediction." in page(client, "training:overview", cells)

    arrive(cells, RED, 1)
    score_novelty(project_id=cells.pk, clock=present)
    text = page(client, "training:overview", cells)
    assert "1 waiting" in text
    assert "200 approved items of the learn fold are needed" in text

    learned(cells, RED, 100, digest=digest)
    arrive(cells, BLUE, 3)
    score_novelty(project_id=cells.pk, clock=present)
    text = page(client, "training:overview", cells)
    assert "100%" in text
    assert "nothing waiting; 3 novel, 3 queued." in text
    assert "what model v1 learned: 60 items" in text


def test_what_was_picked_to_learn_from_is_told(client):
    cells = project(rules=LEARNING)
    client.force_login(lead(cells))
    assert "Picked to learn from" not in page(client, "training:overview", cells)
    select_for_learning(project_id=cells.pk, clock=present)
    assert "of 0 doubtful items of the day before" in page(client, "training:overview", cells)


def test_prometheus_is_told_the_lag(client, settings, tmp_path):
    use_colours(settings, tmp_path)
    cells = project("lagging", rules=LOOKING)
    project()
    score_novelty(project_id=cells.pk, clock=present)
    arrive(cells, RED, 2, now=present() - timedelta(minutes=10))
    told = exposition().decode()
    assert 'reviewhub_novelty_waiting{project="lagging"} 2.0' in told
    assert 'reviewhub_novelty_share{project="lagging"} 1.0' in told
    (line,) = [one for one in told.splitlines() if one.startswith("reviewhub_novelty_seconds")]
    assert 600 <= float(line.split()[-1]) < 700


def test_a_full_loop_costs_the_same_as_a_short_one():
    many = project(rules=Rules(low_confidence=1.0, audit_rate=1e-6, novelty=Novelty()))
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
