"""Words that were typed about an item do not leave with it unsaid, nor get lost with a session."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Comment, Review
from tests.accessibility import assert_accessible, assert_accessible_in_both_themes
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    press,
    shown,
    sit_down_with_items_ahead,
    until,
)
from tests.factories import GOOD, PASSWORD, project, queued

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
    until(page, lambda: Comment.objects.filter(text="a scratch?").exists())
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


def comment(page, words: str) -> None:
    page.wait_for_selector(SEEN)
    page.keyboard.press("c")
    page.fill("#comment textarea", words)
    page.keyboard.press("Control+Enter")


def test_a_comment_without_a_session_asks_for_the_login_and_is_kept_then(
    page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    Session.objects.all().delete()
    comment(page, "a scratch?")
    page.wait_for_selector("#login-dialog:modal")
    assert page.evaluate("document.activeElement.id") == "login-password"
    assert_accessible_in_both_themes(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#comment:modal >> text=Your comment is still here: log in")
    assert not Comment.objects.exists()

    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#login-dialog:modal")
    page.fill("#login-password", PASSWORD)
    page.keyboard.press("Enter")
    until(page, lambda: Comment.objects.filter(text="a scratch?", author=rita).exists())
    page.wait_for_selector("#comment:modal", state="detached")
    page.wait_for_selector("[data-comment-said]:has-text('kept with the item')")
    assert shown(page) == name


def test_later_does_not_hold_for_a_comment_that_is_sent_in_the_same_moment(
    page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    comment(page, "a scratch?")
    page.wait_for_selector("#login-dialog:modal")
    # As Escape does, whose event comes later than a key that is pressed at once.
    page.evaluate("""() => {
      document.querySelector("#login-dialog").close();
      document.querySelector("#comment form").requestSubmit();
    }""")
    page.wait_for_selector("#login-dialog:modal")


@pytest.mark.usefixtures("interceptable")
@pytest.mark.parametrize(
    "told",
    [
        {"content_type": "text/html", "body": "<h1>Forbidden</h1>"},
        {"content_type": "application/json", "body": '{"error": "blocked"}'},
    ],
)
def test_a_refusal_without_words_of_ours_is_told_all_the_same(page, live_server, cells, rita, told):
    sit_down_with_items_ahead(page, live_server, cells)
    answer = {"status": 413, **told}
    page.route("**/review/comment", lambda route: route.fulfill(**answer))
    page.route("**/review/undo", lambda route: route.fulfill(**answer))
    comment(page, "a scratch?")
    page.wait_for_selector("#comment [data-comment-error]:has-text('The server answered 413')")
    page.fill("#comment textarea", "")
    page.keyboard.press("Escape")
    page.wait_for_selector("#comment:modal", state="detached")
    press(page, "1")
    all_sent(page)
    page.wait_for_selector("#recent button[name=review]:not([disabled])")
    page.keyboard.press("u")
    page.wait_for_selector("#failure:has-text('The server answered 413')")
