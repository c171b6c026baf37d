"""A reviewer at work with nothing but the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, Assignment, QueueEntry, Review
from tests.factories import DEFECT, GOOD, project, queued, reviewer
from tests.services import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEEN = "#workbench:not([aria-busy])"


@pytest.fixture
def cells():
    return project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))


@pytest.fixture
def rita(cells, context, log_in):
    """The reviewer whose session the browser of this test has."""
    rita = reviewer(cells, "rita")
    log_in(context, rita)
    return rita


def sit_down(page: Page, live_server, of) -> None:
    page.goto(live_server.url + reverse("annotations:review", args=[of.slug]))
    page.wait_for_selector(SEEN)


def press(page: Page, *keys: str) -> None:
    """Press keys, the last of which answers or undoes; wait until the next item may be judged."""
    before = page.inner_text("#announcer")
    for key in keys:
        page.keyboard.press(key)
    told = "before => document.querySelector('#announcer').innerText !== before"
    page.wait_for_function(told, arg=before)
    page.wait_for_selector(SEEN)


def shown(page: Page) -> str:
    return page.inner_text("#workbench h1")


def test_ten_items_by_keyboard(page, live_server, cells, rita):
    for number in range(10):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 25)
    sit_down(page, live_server, cells)
    judged = []

    def judge(*keys):
        judged.append(shown(page))
        press(page, *keys)

    judge("1")
    judge("2")
    judge("a")
    page.focus("#workbench h1")
    judge("Enter")
    judge("x", "2")
    judge("s", "1")
    judge("1")
    press(page, "u")
    assert shown(page) == judged[-1]
    judged.pop()
    judge("2")
    judge("Numpad1")
    judge("a")
    judge("2")

    assert "Nothing is waiting for you" in page.inner_text("#workbench")
    said = [
        (review.entry.item.external_id, review.verdict, review.label_key, review.reason)
        for review in Review.objects.filter(effective=True)
        .select_related("entry__item")
        .order_by("pk")
    ]
    expected = [
        ("corrected", GOOD, ""),
        ("confirmed", DEFECT, ""),
        ("confirmed", DEFECT, ""),
        ("confirmed", DEFECT, ""),
        ("rejected", "", "too-blurred"),
        ("skipped", "", "unsure"),
        ("confirmed", DEFECT, ""),
        ("corrected", GOOD, ""),
        ("confirmed", DEFECT, ""),
        ("confirmed", DEFECT, ""),
    ]
    assert said == [(name, *answer) for name, answer in zip(judged, expected, strict=True)]
    assert len(set(judged)) == 10
    taken_back = Review.objects.get(verdict="undone")
    assert taken_back.supersedes.label_key == GOOD
    assert Annotation.objects.filter(outcome="label").count() == 9  # one of them from before undo
    assert not Assignment.objects.filter(state="held").exists()
    assert page.problems == []


def test_the_new_item_has_the_focus_and_is_announced_once(page, live_server, cells, rita):
    queued(cells, external_id="first", confidence=0.5)
    queued(cells, external_id="second", confidence=0.6)
    sit_down(page, live_server, cells)

    press(page, "1")

    assert page.evaluate("document.activeElement.textContent") == "second"
    assert "Saved: Good" in page.inner_text("#announcer")
    assert "Item second, 1 left." in page.inner_text("#announcer")


def test_a_bounced_key_answers_one_item_only(page, live_server, cells, rita):
    for _ in range(3):
        queued(cells)
    sit_down(page, live_server, cells)

    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.press("1")

    page.wait_for_selector("text=1 today")
    page.wait_for_selector(SEEN)
    assert Review.objects.count() == 1


def test_a_reload_after_an_answer_sends_nothing_twice(page, live_server, cells, rita):
    for _ in range(3):
        queued(cells)
    sit_down(page, live_server, cells)
    press(page, "1")
    here = shown(page)

    page.reload()
    page.wait_for_selector(SEEN)
    page.go_back()
    page.go_forward()
    page.wait_for_selector(SEEN)

    assert shown(page) == here
    assert Review.objects.count() == 1


def test_two_reviewers_on_one_queue_never_see_the_same_item(browser, live_server, cells, log_in):
    for _ in range(8):
        queued(cells)
    seen: list[str] = []
    pages = []
    for name in ("rita", "rolf"):
        profile = browser.new_context()
        log_in(profile, reviewer(cells, name))
        pages.append(profile.new_page())
        sit_down(pages[-1], live_server, cells)
    for _ in range(4):
        for page in pages:
            seen.append(shown(page))
            press(page, "1")

    assert len(set(seen)) == 8
    assert Review.objects.count() == 8
    assert not QueueEntry.objects.filter(state="awaiting_review").exists()
    for page in pages:
        page.context.close()


def test_a_lost_connection_keeps_the_item_and_says_so(page, live_server, cells, rita):
    queued(cells, external_id="first", confidence=0.5)
    queued(cells, external_id="second", confidence=0.6)
    sit_down(page, live_server, cells)
    page.context.set_offline(True)

    page.keyboard.press("1")
    page.wait_for_selector("#failure:not([hidden])")

    assert "No answer from the server" in page.inner_text("#failure")
    assert shown(page) == "first"
    page.context.set_offline(False)
    page.wait_for_selector(SEEN)
    press(page, "1")
    assert shown(page) == "second"
    wait_until(lambda: Review.objects.count() == 1)


def test_keys_are_listed_and_can_be_switched_off(page, live_server, cells, rita):
    queued(cells)
    sit_down(page, live_server, cells)
    page.keyboard.press("?")
    text = page.inner_text("#keys-help")
    for name in ("Confirm", "Unusable", "Skip", "Good", "Defect", "Zoom in"):
        assert name in text
    page.keyboard.press("Escape")
    rita.single_keys = False
    rita.save()
    page.reload()
    page.wait_for_selector(SEEN)

    page.keyboard.press("1")
    page.wait_for_timeout(300)

    assert not Review.objects.exists()
