from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from annotations.actions.claim_next import claim_next
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import TaxonomySpec
from annotations.models import Assignment, Grid, Review
from tests import factories
from tests.factories import DEFECT, GOOD, PASSWORD, present
from tests.grids import gold, gold_cells, grid_project, places, prove, sent, shown, waiting
from tests.kinds import boxes_project
from tests.pages import hidden_fields, page, queries_of

pytestmark = pytest.mark.django_db
BENCH = {"X-Bench": "1", "Accept": "application/json"}


@pytest.fixture
def cells():
    return grid_project("cells", name="Solar cells")


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells, "rita")


@pytest.fixture
def desk(rita):
    client = Client()
    client.force_login(rita)
    return client


def url(cells, label=GOOD):
    return reverse("annotations:grid", args=[cells.slug, label])


def looked_at(seconds=30):
    """Every grid was put on the screen so long ago."""
    for grid in Grid.objects.filter(answered_at=None):
        earlier = grid.shown_at - timedelta(seconds=seconds)
        Assignment.objects.filter(claimed_at=grid.shown_at).update(claimed_at=earlier)
        Grid.objects.filter(pk=grid.pk).update(shown_at=earlier)


def form_of(text, *, odd=()):
    return {**hidden_fields(text, within="data-grid"), "odd": [*map(str, odd)]}


def test_labels_are_offered_with_what_waits_or_why_not(cells, desk):
    waiting(cells, 3)
    text = page(desk, "annotations:grids", cells)
    assert url(cells) in text
    assert "blind answer" not in text
    assert "How often it is right" not in text
    assert url(cells, DEFECT) not in text
    assert "A lead has not named this label" in text
    assert ">3<" in text


def test_the_bench_leads_to_the_grids_where_there_can_be_any(cells, rita, desk):
    grids = reverse("annotations:grids", args=[cells.slug])
    assert f'href="{grids}"' in page(desk, "annotations:review", cells)
    parts = boxes_project()
    desk.force_login(factories.reviewer(parts))
    assert f"/p/{parts.slug}/grid" not in page(desk, "annotations:review", parts)


@pytest.fixture
def lead_desk(cells):
    client = Client()
    client.force_login(factories.lead(cells))
    return client


def test_leads_are_told_how_often_the_model_is_right(cells, lead_desk):
    text = page(lead_desk, "annotations:grids", cells)
    assert "100.0 % (72.2 % to 100.0 %), by 10 blind answers" in text


def test_leads_are_told_how_many_answers_are_missing(lead_desk):
    cells = grid_project(proven=4)
    lead_desk.force_login(factories.lead(cells))
    assert "5 more blind answers are needed." in page(lead_desk, "annotations:grids", cells)


def test_leads_are_told_what_is_asked_of_a_model_that_is_wrong_too_often(lead_desk):
    cells = grid_project(proven=0)
    prove(cells, right=6, wrong=6)
    lead_desk.force_login(factories.lead(cells))
    text = page(lead_desk, "annotations:grids", cells)
    assert "not right surely enough: 70.0 % is asked for" in text


@pytest.mark.parametrize(("right", "wrong"), [(4, 0), (6, 6)])
def test_reviewers_are_told_of_missing_evidence_without_a_number(desk, right, wrong):
    cells = grid_project(proven=0)
    prove(cells, right=right, wrong=wrong)
    desk.force_login(factories.reviewer(cells))
    told = "The model is not right surely enough about this label."
    assert told in page(desk, "annotations:grids", cells)
    refused = desk.get(url(cells), follow=True)
    assert refused.redirect_chain == [(reverse("annotations:grids", args=[cells.slug]), 302)]
    assert told in refused.content.decode()
    assert "blind answer" not in refused.content.decode()


def test_a_blind_answer_changes_nothing_that_its_person_sees(desk):
    cells = grid_project(proven=8)
    rita = factories.reviewer(cells)
    desk.force_login(rita)
    waiting(cells, 3)
    before = seen_on(page(desk, "annotations:grids", cells))
    prove(cells, right=1, by=rita)
    assert seen_on(page(desk, "annotations:grids", cells)) == before
    desk.force_login(factories.reviewer(cells))
    assert url(cells) in page(desk, "annotations:grids", cells)


def test_own_answers_open_the_grid_the_next_day(desk):
    cells = grid_project(proven=0)
    rita = factories.reviewer(cells)
    desk.force_login(rita)
    prove(cells, right=9, by=rita, now=present() - timedelta(days=1))
    assert url(cells) in page(desk, "annotations:grids", cells)


def seen_on(text):
    return re.search(r"<tbody>.*</tbody>", text, re.DOTALL)[0]


def test_a_new_guideline_is_read_before_the_next_grid(cells, rita, desk):
    waiting(cells, 14)
    text = page(desk, "annotations:grid", cells, GOOD)
    looked_at()
    words = TaxonomySpec(factories.LABELS, guidelines="A crack that ends at a busbar is a defect.")
    revise_taxonomy(project=cells, spec=words, actor=factories.TESTER, now=present())
    prove(cells, right=10)
    waiting(cells, 3)
    answer = desk.post(url(cells), form_of(text), follow=True)
    assert Review.objects.filter(reviewer=rita).count() == 12
    assert "A crack that ends at a busbar" in answer.content.decode()
    assert answer.redirect_chain == [(url(cells), 302)]
    assert Grid.objects.count() == 1
    assert not Assignment.objects.filter(state="held").exists()
    number = hidden_fields(answer.content.decode(), within="number")
    read = desk.post(reverse("annotations:acknowledge", args=[cells.slug]), number, follow=True)
    assert read.redirect_chain == [(url(cells), 302)]
    assert len(re.findall(r'name="odd"', read.content.decode())) == 3


def test_other_kinds_are_told_that_they_have_no_grid(desk):
    parts = boxes_project()
    desk.force_login(factories.reviewer(parts))
    assert "Only pictures with one label each" in page(desk, "annotations:grids", parts)


def test_the_grid_shows_pictures_that_name_their_item_and_never_a_truth(cells, desk):
    gold(cells, DEFECT)
    entries = waiting(cells, 12)
    text = page(desk, "annotations:grid", cells, GOOD)
    assert len(re.findall(r'name="odd"', text)) == 12
    for cell in Grid.objects.get().cells.all():
        assert f"{cell.position}: item {cell.item.external_id}" in text
    assert "Which are not Good?" in text
    assert "Defect" not in text.split('id="grid"')[1].split("</form>")[0]
    assert entries


def test_sent_without_script_it_confirms_the_rest_and_shows_the_next_grid(cells, rita, desk):
    waiting(cells, 14)
    text = page(desk, "annotations:grid", cells, GOOD)
    looked_at()
    answer = desk.post(url(cells), form_of(text), follow=True)
    assert answer.redirect_chain == [(url(cells), 302)]
    assert "12 confirmed." in answer.content.decode()
    assert Review.objects.filter(reviewer=rita, grid__isnull=False).count() == 12
    assert Grid.objects.count() == 2


def test_with_odd_ones_the_bench_comes_next(cells, rita, desk):
    entries = waiting(cells, 5)
    text = page(desk, "annotations:grid", cells, GOOD)
    odd = places(Grid.objects.get(), entries[:2])
    looked_at()
    answer = desk.post(url(cells), form_of(text, odd=odd), follow=True)
    assert answer.redirect_chain == [(reverse("annotations:review", args=[cells.slug]), 302)]
    told = answer.content.decode()
    assert "3 confirmed. 2 odd ones come one by one." in told
    assert any(entry.item.external_id in told for entry in entries[:2])


def test_a_script_is_told_where_to_go_on(cells, desk):
    waiting(cells, 3)
    text = page(desk, "annotations:grid", cells, GOOD)
    quick = desk.post(url(cells), form_of(text), headers=BENCH)
    assert (quick.status_code, quick.json()["code"]) == (409, "grid_too_quick")
    looked_at()
    answer = desk.post(url(cells), form_of(text), headers=BENCH)
    assert (answer.status_code, answer.json()) == (200, {"url": url(cells)})


def test_a_script_whose_session_ran_out_is_told_so_and_nothing_is_stored(cells, desk):
    waiting(cells, 3)
    form = form_of(page(desk, "annotations:grid", cells, GOOD), odd=[2])
    looked_at()
    Session.objects.all().delete()
    refused = desk.post(url(cells), form, headers=BENCH)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert not Review.objects.filter(grid__isnull=False).exists()


def test_without_script_the_marks_survive_a_login(cells, rita, desk):
    waiting(cells, 5)
    form = form_of(page(desk, "annotations:grid", cells, GOOD), odd=[2, 4])
    looked_at()
    Session.objects.all().delete()
    login = desk.post(url(cells), form, follow=True)
    assert login.redirect_chain[0][0].startswith("/login?next=")
    back = desk.post(
        login.request["PATH_INFO"] + "?" + login.request["QUERY_STRING"],
        {"username": "rita", "password": PASSWORD, "next": login.context["next"]},
        follow=True,
    )
    text = back.content.decode()
    assert re.findall(r'value="(\d)"\s+checked', text) == ["2", "4"]
    assert hidden_fields(text, within="data-grid")["grid"] == form["grid"]
    desk.post(url(cells), form_of(text, odd=[2, 4]))
    assert Review.objects.filter(reviewer=rita, grid__isnull=False).count() == 3


def test_marks_of_another_grid_are_not_put_on_this_one(cells, desk):
    waiting(cells, 5)
    text = desk.get(f"{url(cells)}?grid={uuid4()}&odd=2").content.decode()
    assert not re.search(r'value="2"\s+checked', text)


def test_too_quick_keeps_the_marks_and_says_for_how_long_to_look(cells, rita, desk):
    waiting(cells, 3)
    text = page(desk, "annotations:grid", cells, GOOD)
    form = form_of(text, odd=[2])
    refused = desk.post(url(cells), form)
    again = refused.content.decode()
    assert refused.status_code == 409
    assert "Look at all of them first" in again
    assert re.search(r'value="2"\s+checked', again)
    assert hidden_fields(again, within="data-grid")["token"] == form["token"]
    assert not Review.objects.filter(reviewer=rita).exists()


def test_sent_twice_it_counts_once_and_says_the_same(cells, rita, desk):
    waiting(cells, 3)
    text = page(desk, "annotations:grid", cells, GOOD)
    looked_at()
    told = [desk.post(url(cells), form_of(text), follow=True).content.decode() for _ in range(2)]
    assert all("3 confirmed." in each for each in told)
    assert Review.objects.filter(reviewer=rita).count() == 3


def test_a_label_nobody_knows_is_not_there_and_nonsense_is_refused(cells, desk):
    assert desk.get(url(cells, "scratch")).status_code == 404
    assert desk.post(url(cells), {"grid": "x", "token": "y"}).status_code == 422
    assert desk.post(url(cells), {"odd": ["-1"]}).status_code == 422


def test_another_label_leads_to_the_grid_that_lies_there(cells, rita, desk):
    waiting(cells, 3)
    grid = shown(cells, rita)
    answer = desk.get(url(cells, DEFECT))
    assert answer["Location"] == url(cells, grid.label_key)


def test_nothing_waiting_leads_back_and_says_so(cells, desk):
    answer = desk.get(url(cells), follow=True)
    assert "None of these waits just now." in answer.content.decode()


def test_the_last_grid_is_shown_with_what_became_of_each_and_can_be_taken_back(cells, rita, desk):
    gold(cells, DEFECT)
    entries = waiting(cells, 12)
    grid = shown(cells, rita)
    odd = places(grid, entries[:1])
    sent(cells, grid, rita, odd=odd)
    text = page(desk, "annotations:grids", cells)
    assert text.count("confirmed</span>") == 10
    assert "waits on the bench" in text
    assert "known to be odd: missed" in text
    assert gold_cells(grid)[0].gold_odd
    review = Review.objects.get(entry=entries[4])
    answer = desk.post(
        reverse("annotations:undo-grid", args=[cells.slug]),
        {"review": str(review.uid)},
        follow=True,
    )
    assert "Taken back: it is the next one on your bench." in answer.content.decode()
    lease = claim_next(project=cells, reviewer=rita, now=factories.present())
    assert lease.entry == entries[4]


def test_what_is_no_answer_of_ones_own_cannot_be_taken_back(cells, rita, desk):
    waiting(cells, 1)
    grid = shown(cells, rita)
    sent(cells, grid, rita)
    desk.force_login(factories.reviewer(cells))
    review = Review.objects.get(grid=grid)
    address = reverse("annotations:undo-grid", args=[cells.slug])
    answer = desk.post(address, {"review": str(review.uid)}, follow=True)
    assert "notice error" in answer.content.decode()
    review.refresh_from_db()
    assert review.effective


def test_a_grid_is_given_back_undecided(cells, rita, desk):
    waiting(cells, 3)
    page(desk, "annotations:grid", cells, GOOD)
    answer = desk.post(reverse("annotations:leave-grid", args=[cells.slug]), follow=True)
    assert "nothing was decided" in answer.content.decode()
    assert not Assignment.objects.filter(state="held").exists()


@pytest.mark.both_databases
def test_the_pages_cost_the_same_queries_however_much_there_is(cells, rita, desk):
    choice = reverse("annotations:grids", args=[cells.slug])
    costs = []
    for size in (6, 30, 60):
        waiting(cells, size)
        page(desk, "annotations:grid", cells, GOOD)
        costs.append((queries_of(desk, choice), queries_of(desk, url(cells))))
        looked_at()
        sent(cells, Grid.objects.order_by("-pk").first(), rita, after=30)
        prove(cells, right=20)
    # Of the first there is no grid before it to show.
    assert costs[1] == costs[2]


def test_the_story_of_an_item_says_that_many_were_judged_at_once(cells, rita, desk):
    (entry,) = waiting(cells, 1)
    waiting(cells, 11)
    sent(cells, shown(cells, rita), rita)
    desk.force_login(factories.lead(cells))
    text = page(desk, "training:item", cells, entry.item.uid)
    assert "in a grid of 12" in text
