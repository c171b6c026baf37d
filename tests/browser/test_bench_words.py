"""Words that were typed about an item do not leave with it unsaid."""

from __future__ import annotations

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Comment, Review
from tests.accessibility import assert_accessible
from tests.browser.bench import SEEN, all_sent, answers, press, shown, sit_down_with_items_ahead
from tests.factories import GOOD, project, queued
from tests.services import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(5):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 20)
    return cells


def type_and_leave(page, key: str, words: str) -> None:
    page.wait_for_selector(SEEN)
    page.keyboard.press(key)
    page.wait_for_selector("#bench dialog:modal")
    page.keyboard.type(words)
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.activeElement.matches('textarea')")


def test_a_comment_left_by_escape_is_asked_for_before_the_answer(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    type_and_leave(page, "c", "a scratch?")
    page.keyboard.press("1")
    page.wait_for_selector("#comment:modal >> text=These words are neither kept nor sent")
    assert page.input_value("#comment textarea") == "a scratch?"
    assert_accessible(page)
    assert not Review.objects.exists()
    page.keyboard.press("Control+Enter")
    wait_until(lambda: Comment.objects.filter(text="a scratch?").exists())
    page.wait_for_selector("#comment:modal", state="detached")
    press(page, "1")
    all_sent(page)
    assert answers() == [(name, "corrected", GOOD)]


def test_whoever_answers_again_drops_the_words(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    type_and_leave(page, "l", "which is it?")
    page.keyboard.press("x")
    page.keyboard.press("2")
    page.wait_for_selector("#lead:modal >> text=These words are neither kept nor sent")
    page.keyboard.press("Escape")
    press(page, "1")
    all_sent(page)
    assert answers() == [(name, "corrected", GOOD)]
    assert not Comment.objects.exists()
