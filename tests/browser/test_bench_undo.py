"""Answers are taken back: those on their way, those that are stored, one after another."""

from __future__ import annotations

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, Review
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    cut_off,
    moved_on_from,
    press,
    shown,
    sit_down_with_items_ahead,
    stored,
    unsent,
    until,
)
from tests.factories import DEFECT, GOOD, project, queued, reviewer
from tests.training.builders import snapshot
from training.models import SnapshotMember

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("interceptable"),
]

ANSWER = "**/review/answer"


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(8):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 20)
    return cells


def judge(page, *keys: str) -> list[str]:
    names = []
    for key in keys:
        names.append(shown(page))
        press(page, key)
    return names


def test_a_chain_of_stored_answers(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    names = judge(page, "1", "1", "1")
    fourth = shown(page)
    all_sent(page)

    for name in reversed(names):
        press(page, "u")
        assert shown(page) == name
    assert judge(page, "2", "2", "2") == names
    assert shown(page) == fourth
    stored(page, 3)
    all_sent(page)

    assert answers() == [(name, "confirmed", DEFECT) for name in names]
    assert Review.objects.filter(verdict="undone").count() == 3
    assert page.inner_text("[data-tally=today]") == "3"


def test_backspace_takes_back_and_the_strip_goes_back_further(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    names = judge(page, "1", "1", "1")
    all_sent(page)
    press(page, "Backspace")
    assert shown(page) == names[2]
    page.wait_for_function("document.querySelectorAll('#recent button').length === 2")

    page.click("#recent button >> nth=1")
    page.wait_for_selector(f"#bench h1 >> text={names[0]}")
    page.wait_for_selector(SEEN)
    assert page.evaluate("document.activeElement.matches('#bench h1')")
    press(page, "2")
    assert shown(page) == names[2]
    press(page, "2")
    stored(page, 3)

    said = {name: key for name, _, key in answers()}
    assert said == {names[0]: DEFECT, names[1]: GOOD, names[2]: DEFECT}


def test_answers_that_were_never_sent_are_taken_out_again(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(page.context)
    names = judge(page, "1", "1", "1")
    unsent(page, 3)
    press(page, "u")
    press(page, "u")
    unsent(page, 1)
    assert shown(page) == names[1]
    assert "Taken back" in page.inner_text("#announcer")

    assert judge(page, "2", "2") == names[1:]
    page.context.set_offline(False)
    stored(page, 3)
    all_sent(page)

    assert answers() == [
        (names[0], "corrected", GOOD),
        (names[1], "confirmed", DEFECT),
        (names[2], "confirmed", DEFECT),
    ]
    assert not Review.objects.filter(verdict="undone").exists()


def test_one_that_may_have_arrived_is_undone_when_it_has(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)

    lost = []

    def lose_two(route):
        if len(lost) == 2:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route(ANSWER, lose_two)
    name = shown(page)
    press(page, "1")
    until(page, lambda: Review.objects.count() == 1)
    press(page, "u")
    assert shown(page) == name
    press(page, "2")
    all_sent(page)

    assert lost == [200, 200]
    assert answers() == [(name, "confirmed", DEFECT)]
    first = Review.objects.order_by("pk").first()
    assert (first.label_key, first.effective) == (GOOD, False)
    assert not page.is_visible("#refused-dialog")


def test_an_unsent_answer_is_taken_back_after_a_reload(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    page.route(ANSWER, lambda route: route.abort())
    name = shown(page)
    press(page, "1")
    unsent(page, 1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    moved_on_from(page, name)

    press(page, "u")
    assert shown(page) == name
    press(page, "2")
    page.unroute(ANSWER)
    stored(page, 1)
    all_sent(page)
    assert answers() == [(name, "confirmed", DEFECT)]


def test_an_answer_that_is_in_use_cannot_be_taken_back_and_the_way_out_is_shown(
    page, context, live_server, log_in
):
    cells = project(review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    for _ in range(3):
        queued(cells)
    log_in(context, reviewer(cells))
    sit_down_with_items_ahead(page, live_server, cells)
    (name,) = judge(page, "1")
    all_sent(page)
    here = shown(page)
    use(cells, Annotation.objects.get())

    page.keyboard.press("u")
    page.wait_for_selector("#failure:not([hidden])")

    assert "cannot be taken back" in page.inner_text("#failure")
    assert shown(page) == here
    assert Review.objects.filter(effective=True).count() == 1
    page.click("#failure >> text=Re-open the item")
    page.click("main form >> text=Re-open the item")
    page.wait_for_selector(f"#bench h1 >> text={name}")
    assert not Review.objects.filter(effective=True).exists()


def use(cells, annotation: Annotation) -> None:
    SnapshotMember.objects.create(
        snapshot=snapshot(cells, digest="a" * 64), annotation=annotation, fold="learn", recent=False
    )
