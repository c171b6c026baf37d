"""One person, two projects, one outbox: each answer and its item stay with their project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.actions.add_member import add_member
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, QueueEntry, Review, Role
from tests.browser.bench import (
    AHEAD,
    all_sent,
    press,
    shown,
    sit_down_with_items_ahead,
    stored,
    tallied,
    unsent,
    until,
)
from tests.factories import DEFECT, GOOD, TESTER, present, project, queued, reviewer

if TYPE_CHECKING:
    from annotations.models import Project

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("interceptable"),
]

ANSWER = "**/review/answer"
TALLY = ("today", "left")


def some(name: str) -> Project:
    of = project(name, review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(7):
        queued(of, external_id=f"{name}-{number}", label=DEFECT, confidence=0.5 + number / 20)
    return of


@pytest.fixture
def cells():
    return some("cells")


@pytest.fixture
def plates():
    return some("plates")


@pytest.fixture
def rita(cells, plates, context, log_in):
    rita = reviewer(cells, "rita")
    add_member(project=plates, user=rita, role=Role.REVIEWER, actor=TESTER, now=present())
    log_in(context, rita)
    return rita


def answers(of: Project) -> list[tuple[str, str]]:
    found = Review.objects.filter(effective=True, entry__project=of).order_by("pk")
    return [(review.entry.item.external_id, review.label_key) for review in found]


def test_undo_in_one_project_leaves_the_unsent_answers_of_the_other_alone(
    page, live_server, cells, plates, rita
):
    sit_down_with_items_ahead(page, live_server, plates)
    plate = shown(page)
    press(page, "1")
    all_sent(page)
    page.context.route(ANSWER, lambda route: route.abort())
    other = page.context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    cell = shown(other)
    press(other, "1")
    unsent(other, 1)
    unsent(page, 1)

    press(page, "u")
    assert shown(page) == plate
    unsent(page, 1)
    page.context.unroute(ANSWER)
    until(page, lambda: answers(cells) == [(cell, GOOD)])
    press(page, "2")
    until(page, lambda: answers(plates) == [(plate, DEFECT)])
    all_sent(page)
    assert shown(page).startswith("plates-")
    assert shown(other).startswith("cells-")
    assert page.problems == []


def test_a_refused_answer_of_another_project_is_looked_at_on_its_own_bench(
    page, live_server, cells, plates, rita
):
    page.context.route(ANSWER, lambda route: route.abort())
    other = page.context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    cell = shown(other)
    press(other, "1")
    unsent(other, 1)
    other.close()
    QueueEntry.objects.filter(item__external_id=cell).update(state="withdrawn", slots_open=0)
    page.context.unroute(ANSWER)

    sit_down_with_items_ahead(page, live_server, plates)
    plate = shown(page)
    page.wait_for_selector("#refused-dialog:modal")
    assert cell in page.inner_text("#refused-dialog")
    assert not page.is_visible("#refused-dialog [data-choice=look]")
    page.click("#refused-dialog >> text=Go to its project")
    page.wait_for_url("**" + reverse("annotations:review", args=[cells.slug]))
    page.wait_for_selector("#refused-dialog:modal")
    page.click("#refused-dialog >> text=Look at the item")
    page.wait_for_selector(f"#bench h1 >> text={cell}")
    assert plate.startswith("plates-")
    assert not Review.objects.exists()


def test_counts_and_items_held_are_those_of_the_own_project(page, live_server, cells, plates, rita):
    sit_down_with_items_ahead(page, live_server, plates)
    other = page.context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    for _ in range(3):
        press(page, "1")
    press(other, "1")
    stored(page, 4)
    all_sent(page)
    all_sent(other)
    press(page, "u")
    tallied(page, 2)
    other.wait_for_timeout(300)
    told = [tab.inner_text(f"[data-tally={name}]") for tab in (page, other) for name in TALLY]
    assert told == ["2", "5", "1", "6"]

    held = Assignment.objects.filter(reviewer=rita, state="held")
    until(page, lambda: held.filter(entry__project=cells).count() == 1 + AHEAD)
    other.goto("about:blank")
    until(page, lambda: held.filter(entry__project=cells).count() == 1)
    assert held.filter(entry__project=plates).count() >= 1 + AHEAD
