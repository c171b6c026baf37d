"""A session that runs out costs nothing: the login is on the same page, then everything is sent."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Comment, Review
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.bench import (
    all_sent,
    keeps_nothing,
    press,
    shown,
    sit_down_with_items_ahead,
    stored,
    unsent,
)
from tests.factories import PASSWORD, project, queued, reviewer
from tests.services import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTHING_ON_ITS_WAY = """async () => {
    const { held, pending } = await navigator.locks.query();
    return !held.length && !pending.length;
}"""


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(6):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 20)
    return cells


def log_in_again(page, username: str, password: str) -> None:
    page.fill("#login-username", username)
    page.fill("#login-password", password)
    page.keyboard.press("Enter")


def test_answers_given_after_the_end_of_the_session_are_stored(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    judged = [shown(page)]
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    assert page.evaluate("document.activeElement.id") == "login-password"
    assert_accessible_in_both_themes(page)
    unsent(page, 1)
    assert Review.objects.count() == 0

    log_in_again(page, "rita", "wrong")
    page.wait_for_selector("#login-dialog [data-failed]:visible")
    assert "correct username and password" in page.inner_text("#login-dialog [data-failed]")
    assert_accessible_in_both_themes(page)
    log_in_again(page, "rita", PASSWORD)
    page.wait_for_selector("#login-dialog", state="hidden")
    all_sent(page)
    judged.append(shown(page))
    press(page, "1")
    stored(page, 2)

    said = Review.objects.order_by("pk")
    assert [review.entry.item.external_id for review in said] == judged
    assert {review.reviewer for review in said} == {rita}
    assert page.inner_text("#bench-status") == ""


def test_a_browser_that_keeps_nothing_promises_nothing_and_keeps_the_item(
    context, page, live_server, cells, rita
):
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    name = shown(page)
    page.keyboard.press("1")
    page.wait_for_selector("#login-dialog:modal")
    assert page.is_visible("#login-dialog >> text=judge it again")
    assert not page.is_visible("#login-dialog >> text=is kept here")
    log_in_again(page, "rita", PASSWORD)
    page.wait_for_selector("#login-dialog", state="hidden")
    assert shown(page) == name
    press(page, "1")
    stored(page, 1)
    assert Review.objects.get().entry.item.external_id == name


def test_work_goes_on_while_logged_out_and_the_login_is_a_button(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    page.keyboard.press("Escape")
    press(page, "1")
    press(page, "1")
    unsent(page, 3)
    assert not page.is_visible("#login-dialog")

    page.click("#log-in-again")
    log_in_again(page, "rita", PASSWORD)
    stored(page, 3)
    all_sent(page)
    assert page.evaluate("document.querySelector('#workbench').contains(document.activeElement)")


def test_that_one_is_logged_out_is_said_once_however_often_it_is_found_out(
    page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    page.keyboard.press("Escape")
    page.wait_for_selector("#bench-status >> text=You are logged out")
    page.evaluate(
        """() => {
            window.changes = 0;
            const observer = new MutationObserver((seen) => { window.changes += seen.length; });
            observer.observe(document.getElementById("bench-status"), { childList: true });
        }"""
    )
    for _ in range(2):
        with page.expect_response("**/review/answer"):
            press(page, "1")
        page.wait_for_function(NOTHING_ON_ITS_WAY)
    assert page.evaluate("window.changes") == 0
    assert "You are logged out" in page.inner_text("#bench-status")


def test_another_person_does_not_send_the_answers_of_the_first(
    page, context, live_server, cells, rita
):
    rolf = reviewer(cells, "rolf")
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")

    log_in_again(page, "rolf", PASSWORD)
    page.wait_for_selector("#login-dialog [data-other]:visible")
    assert "Somebody else is logged in now" in page.inner_text("#login-dialog")
    assert_accessible_in_both_themes(page)
    assert Review.objects.count() == 0

    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=Go on as the other person")
    page.wait_for_selector(f"body[data-user='{rolf.uid}']")
    press(page, "1")
    stored(page, 1)
    assert Review.objects.get().reviewer == rolf

    context.clear_cookies()
    page.goto(live_server.url + "/login?next=/p/cells/review")
    page.fill("#id_username", "rita")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    stored(page, 2)
    all_sent(page)
    assert [review.reviewer for review in Review.objects.order_by("pk")] == [rolf, rita]


def test_the_first_person_may_come_back_over_the_other(page, live_server, cells, rita):
    reviewer(cells, "rolf")
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    log_in_again(page, "rolf", PASSWORD)
    page.wait_for_selector("#login-dialog [data-other]:visible")

    log_in_again(page, "rita", PASSWORD)
    stored(page, 1)
    assert Review.objects.get().reviewer == rita


def test_a_login_of_somebody_else_in_another_tab_sends_nothing_in_their_name(
    page, context, live_server, cells, rita
):
    reviewer(cells, "rolf")
    sit_down_with_items_ahead(page, live_server, cells)
    other = context.new_page()
    other.goto(live_server.url + "/profile")
    other.evaluate("document.querySelector('form[action$=logout]').requestSubmit()")
    other.click("main >> text=Log in again")
    other.fill("#id_username", "rolf")
    other.fill("#id_password", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_selector("text=rolf")

    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    unsent(page, 1)
    with page.expect_response("**/session"):
        page.bring_to_front()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(NOTHING_ON_ITS_WAY)
    page.keyboard.press("Escape")
    page.wait_for_selector("#login-dialog", state="hidden")
    press(page, "1")
    unsent(page, 2)
    page.keyboard.press("c")
    page.fill("#bench dialog:modal textarea", "a scratch, or dust?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#bench dialog:modal [data-comment-error]:visible")
    assert not Review.objects.exists()
    assert not Comment.objects.exists()
    assert not Assignment.objects.filter(reviewer__username="rolf").exists()

    log_in_again(page, "rita", PASSWORD)
    stored(page, 2)
    all_sent(page)
    wait_until(Comment.objects.exists)
    assert {said.reviewer for said in Review.objects.all()} == {rita}
    assert Comment.objects.get().author == rita


def test_a_plain_login_in_another_tab_closes_the_dialog_and_sends(
    page, context, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    Session.objects.all().delete()
    press(page, "1")
    page.wait_for_selector("#login-dialog:modal")
    other = context.new_page()
    other.goto(live_server.url + "/login")
    other.fill("#id_username", "rita")
    other.fill("#id_password", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_selector("text=rita")
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.wait_for_selector("#login-dialog", state="hidden")
    stored(page, 1)
    all_sent(page)
    press(page, "1")
    stored(page, 2)
