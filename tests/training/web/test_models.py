from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import lead, project, reviewer, stranger
from tests.pages import hidden_fields, page, queries_of
from tests.training.builders import decision, first_champion, model
from tests.world import lively_project
from training.models import ModelVersion, Promotion

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


def champion_of(of) -> int:
    return ModelVersion.objects.get(project=of, role="champion").number


def test_models_tell_role_verdict_and_who_was_champion_when(client):
    world = lively_project()
    client.force_login(world.lead)
    text = page(client, "training:models", world.project)
    for part in ("v3", "candidate", "not enough evidence", "champion", "Promotion of v2"):
        assert part in text


def test_a_gate_report_is_a_sentence_a_table_and_what_it_changes(client):
    world = lively_project()
    client.force_login(world.lead)

    text = page(client, "training:model", world.project, world.candidate.number)

    assert "The gate cannot tell yet, compared with v2." in text
    assert "loses at most 3.1 points there" in text
    assert "-0.009, from -0.031 to +0.012, margin -0.020" in text
    assert "What v2 gets wrong and it puts right: 3 of 6 held-out items" in text
    assert "What v2 has right and it gets wrong: 1 of 6 held-out items" in text
    assert text.count('loading="lazy"') == 4
    assert "9 of 40" in text


def test_a_first_model_has_no_rival_to_be_compared_with(desk, cells):
    first = model(cells)
    decision(first)
    text = page(desk, "training:model", cells, first.number)
    assert "compared with no champion" in text
    assert "puts right" not in text


def test_a_recommended_model_is_promoted_by_one_button(desk, cells):
    champion = first_champion(cells)
    better = model(cells)
    decision(better, champion=champion)

    address = url(cells, "promote_model", better.number)
    assert address in page(desk, "training:model", cells, better.number)
    response = desk.post(address, follow=True)

    assert champion_of(cells) == better.number
    assert f"v{better.number} is champion. Clients have been told." in response.content.decode()


def test_against_the_gate_a_promotion_takes_a_reason(desk, cells):
    champion = first_champion(cells)
    worse = model(cells)
    decision(worse, champion=champion, verdict="refuse")
    address = url(cells, "promote_model", worse.number)

    response = desk.post(address, follow=True)
    assert 'role="alert"' in response.content.decode()
    assert champion_of(cells) == champion.number

    desk.post(address, {"reason": "the line makes nothing else now"})
    assert champion_of(cells) == worse.number
    assert Promotion.objects.latest("number").reasons == ["the line makes nothing else now"]


def test_a_champion_cannot_be_promoted_again(desk, cells):
    champion = first_champion(cells)
    assert "Promote v" not in page(desk, "training:model", cells, champion.number)
    response = desk.post(url(cells, "promote_model", champion.number), follow=True)
    assert "is the champion already" in response.content.decode()
    assert Promotion.objects.count() == 1


def test_a_rollback_restores_the_champion_before(desk, cells):
    first = first_champion(cells)
    second = model(cells)
    decision(second, champion=first)
    assert "Roll back" not in page(desk, "training:models", cells)
    desk.post(url(cells, "promote_model", second.number))

    text = page(desk, "training:models", cells)
    form = hidden_fields(text, within=url(cells, "roll_back"))
    assert form["champion"] == str(second.number)
    sent = {**form, "reason": "clients complain"}
    response = desk.post(url(cells, "roll_back"), sent, follow=True)

    assert champion_of(cells) == first.number
    assert f"v{first.number} is champion again" in response.content.decode()


def test_of_two_leads_who_roll_back_at_once_the_second_is_told(desk, cells):
    first, second = first_champion(cells), model(cells)
    decision(second, champion=first)
    desk.post(url(cells, "promote_model", second.number))
    sent = {"champion": str(second.number), "reason": "clients complain"}

    desk.post(url(cells, "roll_back"), sent)
    late = desk.post(url(cells, "roll_back"), sent, follow=True)

    assert champion_of(cells) == first.number
    assert "The champion is model" in late.content.decode()


def test_a_champion_of_too_many_digits_is_none_that_a_lead_saw(desk, cells):
    sent = {"champion": "9" * 5_000, "reason": "why not"}
    response = desk.post(url(cells, "roll_back"), sent, follow=True)
    assert response.status_code == 200
    assert not Promotion.objects.exists()


def test_a_rollback_takes_a_reason_and_a_predecessor(desk, cells):
    response = desk.post(url(cells, "roll_back"), {"reason": "why not"}, follow=True)
    assert 'role="alert"' in response.content.decode()
    assert not Promotion.objects.exists()


def test_a_model_that_does_not_exist_is_a_page_that_says_so(desk, cells):
    for response in (desk.get(url(cells, "model", 9)), desk.post(url(cells, "promote_model", 9))):
        assert response.status_code in (302, 404)
    assert desk.get(url(cells, "model", 9)).status_code == 404


def test_reviewers_strangers_and_forged_forms_are_refused(cells):
    champion = first_champion(cells)
    candidate = model(cells)
    decision(candidate, champion=champion)
    for address in (url(cells, "promote_model", candidate.number), url(cells, "roll_back")):
        for person, status in ((reviewer(cells), 403), (stranger(), 404)):
            outside = Client()
            outside.force_login(person)
            assert outside.post(address, {"reason": "why not"}).status_code == status
        forged = Client(enforce_csrf_checks=True)
        forged.force_login(lead(cells))
        assert forged.post(address, {"reason": "why not"}).status_code == 403
    assert champion_of(cells) == champion.number


def test_a_long_list_costs_the_same(desk, cells):
    champion = first_champion(cells)
    for _ in range(10):
        decision(model(cells), champion=champion, verdict="refuse")
    short = queries_of(desk, url(cells, "models"))
    for _ in range(50):
        decision(model(cells), champion=champion, verdict="refuse")
    assert queries_of(desk, url(cells, "models")) == short
