"""A reviewer at work with nothing but the keyboard."""

from __future__ import annotations

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, Assignment, Review
from tests.browser.bench import (
    SEEN,
    all_sent,
    bounce,
    press,
    shown,
    sit_down,
    sit_down_with_items_ahead,
    stored,
)
from tests.factories import DEFECT, GOOD, project, queued

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cells():
    return project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))


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
    page.focus("#bench h1")
    judge("Enter")
    judge("x", "2")
    judge("s", "1")
    judge("1")
    all_sent(page)
    press(page, "u")
    assert shown(page) == judged[-1]
    judged.pop()
    judge("2")
    judge("1")
    judge("a")
    judge("2")

    assert "Nothing is waiting for you" in page.inner_text("#bench")
    all_sent(page)
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
    sit_down_with_items_ahead(page, live_server, cells)

    press(page, "1")

    assert page.evaluate("document.activeElement.textContent") == "second"
    assert page.inner_text("#announcer") == "Good. Item second"
    all_sent(page)
    assert page.inner_text("[data-tally=left]") == "1"
    assert page.inner_text("#announcer") == "Good. Item second"


def test_a_bounced_key_answers_one_item_only(page, live_server, cells, rita):
    for _ in range(3):
        queued(cells)
    sit_down_with_items_ahead(page, live_server, cells)

    bounce(page, "1")

    stored(page, 1)
    all_sent(page)
    page.wait_for_selector(SEEN)
    assert Review.objects.count() == 1


def test_a_reload_after_an_answer_sends_nothing_twice(page, live_server, cells, rita):
    for _ in range(3):
        queued(cells)
    sit_down(page, live_server, cells)
    press(page, "1")
    all_sent(page)
    here = shown(page)

    page.reload()
    page.wait_for_selector(SEEN)
    page.go_back()
    page.go_forward()
    page.wait_for_selector(SEEN)

    assert shown(page) == here
    assert Review.objects.count() == 1


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
