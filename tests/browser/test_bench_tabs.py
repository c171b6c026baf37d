"""Several tabs of one person, and one queue of several people."""

from __future__ import annotations

import pytest

from annotations.domain.reviewing import LATEST_UNDOABLE, ReviewSpec
from annotations.models import Assignment, Comment, Review
from tests.browser.bench import (
    AHEAD,
    all_sent,
    answers,
    cut_off,
    moved_on_from,
    press,
    shown,
    sit_down,
    sit_down_with_items_ahead,
    stored,
    tallied,
    unsent,
    until,
)
from tests.factories import project, queued, reviewer
from tests.kinds import box, boxes_project, queued_boxes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("interceptable"),
]
HEARS = """
    window.heard = [];
    new BroadcastChannel("reviewhub-bench-%s").onmessage = ({ data }) => heard.push(data.kind);
"""
"""What the tabs of a person tell one another, before their benches hear it."""
EDITS = {"moved": ["j", "ArrowRight"], "accepted": ["j", "m"], "deleted": ["j", "Delete"]}


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(8):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 20)
    return cells


def test_what_one_tab_answers_leaves_the_other(context, page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    other = context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    assert shown(other) == shown(page)

    for tab, twin in ((page, other), (other, page)) * 2 + ((page, other),):
        name = shown(tab)
        press(tab, "1")
        moved_on_from(twin, name)
    stored(page, 5)

    assert len({name for name, *_ in answers()}) == 5
    tallied(page, 5)
    tallied(other, 5)
    assert not page.is_visible("#refused-dialog")
    assert not other.is_visible("#refused-dialog")


def test_two_tabs_back_online_send_each_answer_once(context, page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    other = context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    cut_off(context)
    for tab, twin in ((page, other), (other, page), (page, other)):
        name = shown(tab)
        press(tab, "1")
        moved_on_from(twin, name)
    unsent(page, 3)
    unsent(other, 3)

    context.set_offline(False)
    stored(page, 3)
    all_sent(page)
    all_sent(other)
    assert Review.objects.count() == 3


def test_closing_the_last_tab_gives_back_what_was_held_ahead(
    context, page, live_server, cells, rita
):
    context.add_init_script(HEARS % rita.uid)
    sit_down_with_items_ahead(page, live_server, cells)
    other = context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    other.wait_for_function("heard.includes('here')")
    held = Assignment.objects.filter(reviewer=rita, state="held")
    assert held.count() == 1 + AHEAD

    other.goto("about:blank")
    page.wait_for_function("heard.includes('bye')")
    assert held.count() == 1 + AHEAD
    page.goto("about:blank")
    until(page, lambda: held.count() == 1)


def test_two_reviewers_on_one_queue_never_see_the_same_item(
    new_profile, live_server, cells, log_in
):
    seen: list[str] = []
    pages = []
    for name in ("rita", "rolf"):
        profile = new_profile()
        log_in(profile, reviewer(cells, name))
        pages.append(profile.new_page())
        sit_down(pages[-1], live_server, cells)
    for _ in range(4):
        for page in pages:
            if page.query_selector("#bench .judge"):
                seen.append(shown(page))
                press(page, "1")
    for page in pages:
        all_sent(page)

    assert len(seen) == len(set(seen)) == Review.objects.count()


def test_what_was_typed_in_another_tab_stays_and_that_is_told(
    context, page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    other = context.new_page()
    sit_down_with_items_ahead(other, live_server, cells)
    name = shown(other)
    other.keyboard.press("c")
    other.fill("#bench dialog:modal textarea", "a scratch, or dust?")

    press(page, "1")
    other.wait_for_selector("#bench-status >> text=You have answered this item in another tab")

    assert shown(other) == name
    assert other.input_value("#bench dialog:modal textarea") == "a scratch, or dust?"
    stored(page, 1)
    assert [who for who, *_ in answers()] == [name]
    assert not Comment.objects.exists()


@pytest.mark.parametrize("edit", EDITS)
def test_edited_boxes_in_another_tab_stay_and_that_is_told(
    context, page, live_server, log_in, edit
):
    parts = boxes_project("parts", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(3):
        queued_boxes(parts, box(score=0.9), external_id=f"part-{number}")
    log_in(context, reviewer(parts))
    sit_down_with_items_ahead(page, live_server, parts)
    other = context.new_page()
    sit_down_with_items_ahead(other, live_server, parts)
    other.wait_for_selector(".a9s-annotationlayer", state="attached")
    name = shown(other)
    assert shown(page) == name
    for key in EDITS[edit]:
        other.keyboard.press(key)
    press(page, "a")
    other.wait_for_selector("#bench-status >> text=You have answered this item in another tab")
    assert shown(other) == name
    stored(page, 1)

    other.keyboard.press("Control+Enter")
    other.wait_for_selector("#refused-dialog:modal")
    told = other.inner_text("#refused-dialog")
    assert name in told
    assert "answered" in told
    review = Review.objects.get()
    assert (review.entry.item.external_id, review.verdict) == (name, "confirmed")
    other.click("#refused-dialog >> text=Discard it")
    other.wait_for_selector("#refused", state="hidden")
    all_sent(other)
    assert Review.objects.get() == review


def test_undo_takes_back_the_answer_that_another_tab_has_just_sent(
    context, page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    first = shown(page)
    press(page, "1")
    all_sent(page)
    context.route("**/review/answer", lambda route: route.abort())
    second = shown(page)
    press(page, "1")
    unsent(page, 1)
    # A tab that hears nothing of the others and sends nothing itself, as between two moments.
    other = context.new_page()
    other.add_init_script(
        """window.BroadcastChannel = class { postMessage() {} };
        navigator.locks.request = () => new Promise(() => {});"""
    )
    sit_down_with_items_ahead(other, live_server, cells)
    unsent(other, 1)
    context.unroute("**/review/answer")
    stored(page, 2)
    all_sent(page)

    press(other, "u")
    assert shown(other) == second
    assert [name for name, *_ in answers()] == [first]


def test_the_strip_offers_what_can_be_taken_back_and_no_more(page, live_server, rita, cells):
    for number in range(8, 13):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 40)
    sit_down_with_items_ahead(page, live_server, cells)
    for _ in range(LATEST_UNDOABLE + 2):
        press(page, "1")
    all_sent(page)
    assert page.locator("#recent button").count() == LATEST_UNDOABLE
    page.locator("#recent button").last.click()
    until(page, lambda: Review.objects.filter(verdict="undone").exists())
    assert page.is_hidden("#failure")
