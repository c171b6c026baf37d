"""Judging many at once, by keyboard, by mouse and by touch; the database is asked each time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Grid, QueueEntry, Review
from tests.accessibility import assert_accessible_in_both_themes, assert_holds
from tests.browser.bench import back_online, cut_off
from tests.factories import DEFECT, GOOD, PASSWORD, present, reviewer
from tests.grids import gold, grid_policy, grid_project, waiting
from tests.services import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUICK: ReviewSpec = grid_policy(grid_seconds=1.0)
READY = "[data-grid-confirm]:not([disabled])"
COUNTS = "[data-grid-count]:not([hidden])"
"""The scripts of the grid are at work, and have put the focus where it belongs."""


@pytest.fixture
def cells():
    return grid_project("cells", review=QUICK)


PASSING_EVERY_PICTURE = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (const cell of document.querySelectorAll(".grid-cell")) {
    cell.scrollIntoView({block: "center"});
    await frame();
    await frame();
  }
  scrollTo(0, 0);
}"""
"""What was not painted has been seen by nobody; nor what was passed before all had come."""


def open_grid(page: Page, live_server, of, *, ready: bool = True) -> Grid:
    page.goto(live_server.url + reverse("annotations:grid", args=[of.slug, GOOD]))
    page.wait_for_selector(COUNTS)
    if ready:
        look_through(page)
    return Grid.objects.get(answered_at=None)


def look_through(page: Page) -> None:
    """Scroll past every picture, as somebody who looks at them does, until the rest may go."""

    def looked_through() -> bool:
        page.evaluate(PASSING_EVERY_PICTURE)
        return page.locator(READY).count() == 1

    wait_until(looked_through, what="the rest may be confirmed")


def marked(page: Page) -> list[int]:
    found = page.eval_on_selector_all("[name=odd]:checked", "all => all.map(one => one.value)")
    return [int(value) for value in found]


def names(grid: Grid, *positions: int) -> set[str]:
    cells = grid.cells.filter(position__in=positions).select_related("item")
    return {cell.item.external_id for cell in cells}


def confirmed(grid: Grid) -> set[str]:
    reviews = Review.objects.filter(grid=grid, verdict="confirmed").select_related("entry__item")
    return {review.entry.item.external_id for review in reviews}


def test_by_keyboard_alone(page, live_server, cells, rita):
    waiting(cells, 12)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    odd = marked(page)
    assert odd[0] == 3
    assert len(odd) == 2
    assert page.inner_text("[data-odd]") == "2"
    assert page.inner_text("[data-rest]") == "10"

    page.keyboard.press("Enter")

    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, *set(range(1, 13)) - set(odd))
    held = Assignment.objects.filter(reviewer=rita, state="held").select_related("entry__item")
    assert {lease.entry.item.external_id for lease in held} >= names(grid, *odd)
    assert page.inner_text("#workbench h1") in names(grid, *odd)
    assert "10 confirmed. 2 odd ones come one by one." in page.inner_text("#notices")
    assert page.problems == []


def test_the_arrows_stop_at_the_edges_and_tab_leads_out_of_the_pictures(
    page, live_server, cells, rita
):
    waiting(cells, 12)
    open_grid(page, live_server, cells)
    for key in ("ArrowLeft", "ArrowUp", "End", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.value") == "12"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.gridConfirm") == ""
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.value") == "12"


def test_from_right_to_left_the_arrows_go_where_they_point(page, live_server, context, cells, rita):
    rita.language = "ar-xb"
    rita.save()
    waiting(cells, 12)
    page.goto(live_server.url + reverse("annotations:grid", args=[cells.slug, GOOD]))
    look_through(page)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.value") == "2"
    first, second = (page.locator(".grid-cell").nth(place).bounding_box() for place in (0, 1))
    assert second["x"] < first["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.problems == []


def test_by_mouse_and_back_again(page, live_server, cells, rita):
    waiting(cells, 12)
    grid = open_grid(page, live_server, cells)
    pictures = page.locator(".grid-cell")
    pictures.nth(4).click()
    pictures.nth(7).click()
    pictures.nth(4).click()
    assert marked(page) == [8]
    page.click("text=Confirm the rest")
    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, *set(range(1, 13)) - {8})
    assert page.problems == []


def test_by_touch_on_a_narrow_screen(new_profile, live_server, cells, log_in):
    waiting(cells, 12)
    profile = new_profile(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    log_in(profile, reviewer(cells, "tilda"))
    page = profile.new_page()
    grid = open_grid(page, live_server, cells)
    picture = page.locator(".grid-cell img").first.bounding_box()
    assert picture["width"] >= 150
    assert abs(picture["width"] - picture["height"]) < 1
    page.locator(".grid-cell").nth(1).tap()
    assert marked(page) == [2]
    assert page.locator("[data-grid-confirm]").bounding_box()["height"] >= 44
    page.locator("[data-grid-confirm]").tap()
    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, *set(range(1, 13)) - {2})


def test_the_rest_opens_calmly_after_its_time_and_not_by_any_key_before(
    page, live_server, context, log_in
):
    patient = grid_project("patient", review=grid_policy(grid_seconds=300.0))
    log_in(context, reviewer(patient))
    waiting(patient, 3)
    page.clock.install()
    open_grid(page, live_server, patient, ready=False)
    assert page.is_disabled("[data-grid-confirm]")
    assert "confirming opens in a moment" in page.inner_text("#grid-wait")
    for key in ("Enter", "a"):
        page.keyboard.press(key)
    page.wait_for_timeout(500)
    assert not Review.objects.filter(grid__isnull=False).exists()

    def passed() -> bool:
        page.clock.fast_forward(300_000)
        return page.locator(READY).count() == 1

    wait_until(passed, what="its time")
    # The server keeps the time by its own clock.
    Grid.objects.update(shown_at=present() - timedelta(minutes=6))
    assert "may be confirmed now" in page.inner_text("#announcer")
    assert page.is_hidden("#grid-wait")
    page.keyboard.press("Enter")
    wait_until(lambda: Review.objects.filter(grid__isnull=False).count() == 3)
    assert page.problems == []


def test_what_has_not_been_in_sight_cannot_be_confirmed(page, live_server, cells, rita):
    waiting(cells, 12)
    page.set_viewport_size({"width": 500, "height": 500})
    open_grid(page, live_server, cells, ready=False)
    page.wait_for_timeout(1500)
    assert page.is_disabled("[data-grid-confirm]")
    look_through(page)
    assert page.is_enabled("[data-grid-confirm]")


def test_a_lost_connection_keeps_the_marks_and_says_so(page, live_server, cells, rita):
    waiting(cells, 6)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("Space")
    cut_off(page.context)
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure:not([hidden])")
    assert marked(page) == [1]
    assert not Review.objects.filter(grid=grid).exists()
    back_online(page.context)
    page.keyboard.press("Enter")
    page.wait_for_selector("#workbench")
    assert Review.objects.filter(grid=grid).count() == 5


def expect_login(page: Page) -> None:
    page.wait_for_selector("#login-dialog:modal")
    assert page.evaluate("document.activeElement.id") == "login-password"


def test_a_session_that_runs_out_costs_no_mark_and_the_login_is_on_the_same_page(
    page, live_server, cells, rita
):
    waiting(cells, 12)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    expect_login(page)
    assert_accessible_in_both_themes(page)
    assert not Review.objects.filter(grid=grid).exists()

    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("#login-dialog [data-failed]:visible")
    page.keyboard.press("Escape")
    assert marked(page) == [1, 2]
    assert "Your marks are still here" in page.inner_text("#failure")
    page.keyboard.press("Enter")
    expect_login(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#workbench")

    assert confirmed(grid) == names(grid, *range(3, 13))
    held = Assignment.objects.filter(reviewer=rita, state="held").select_related("entry__item")
    assert {lease.entry.item.external_id for lease in held} >= names(grid, 1, 2)
    assert {review.reviewer for review in Review.objects.filter(grid=grid)} == {rita}


def test_a_login_in_another_tab_is_enough_for_the_grid(context, page, live_server, cells, rita):
    waiting(cells, 3)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("Space")
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    expect_login(page)

    other = context.new_page()
    other.goto(live_server.url + "/login")
    other.fill("#id_username", "rita")
    other.fill("#id_password", PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_selector("text=rita")
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, 2, 3)


def test_somebody_else_who_logs_in_does_not_send_the_marks(page, live_server, cells, rita):
    reviewer(cells, "rolf")
    waiting(cells, 3)
    grid = open_grid(page, live_server, cells)
    Session.objects.all().delete()
    page.keyboard.press("Enter")
    expect_login(page)
    page.fill("#login-username", "rolf")
    page.fill("#login-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#login-dialog [data-other]:visible")
    assert not Review.objects.filter(grid=grid).exists()
    page.fill("#login-username", "rita")
    page.fill("#login-password", PASSWORD)
    page.keyboard.press("Enter")
    wait_until(lambda: Review.objects.filter(grid=grid).count() == 3)
    assert {review.reviewer for review in Review.objects.filter(grid=grid)} == {rita}


@pytest.mark.usefixtures("interceptable")
def test_after_a_lost_receipt_other_marks_are_refused_and_the_same_go_on(
    page, live_server, cells, rita
):
    waiting(cells, 6)
    grid = open_grid(page, live_server, cells)

    def lose(route):
        route.fetch()
        route.abort()

    address = "**" + reverse("annotations:grid", args=[cells.slug, GOOD])
    page.route(address, lose, times=1)
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure >> text=No answer from the server")
    assert Review.objects.filter(grid=grid).count() == 6
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure >> text=This grid has been answered before, and otherwise")
    assert_accessible_in_both_themes(page)
    assert marked(page) == [1]
    page.click("#failure >> text=Go on to the next grid")
    page.wait_for_selector("text=Your last grid")
    assert Review.objects.filter(grid=grid, effective=True).count() == 6


def test_one_that_was_settled_meanwhile_is_left_out_and_told(page, live_server, cells, rita):
    entries = waiting(cells, 6)
    grid = open_grid(page, live_server, cells)
    QueueEntry.objects.filter(pk=entries[2].pk).update(state="withdrawn", slots_open=0)
    page.keyboard.press("Enter")
    page.wait_for_selector("#notices .success")
    number = grid.cells.get(entry=entries[2]).position
    told = page.inner_text("#notices")
    assert f"5 confirmed. Number {number} had been settled meanwhile" in told


def test_the_last_grid_can_be_taken_back_cell_by_cell(page, live_server, cells, rita):
    waiting(cells, 3)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Your last grid")
    page.locator("text=Take back").nth(1).click()
    page.wait_for_selector("text=Taken back")
    review = Review.objects.get(grid=grid, effective=False)
    assert review.superseded_by.verdict == "undone"
    page.click("text=Judge one by one")
    page.wait_for_selector("#workbench h1")
    assert page.inner_text("#workbench h1") == review.entry.item.external_id


def test_marks_are_told_by_shape_and_word_not_by_colour_alone(page, live_server, cells, rita):
    waiting(cells, 3)
    grid = open_grid(page, live_server, cells)
    page.keyboard.press("Space")
    assert page.locator(".grid-cell .odd:visible").all_inner_texts() == ["odd"]
    page.keyboard.press("Enter")
    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, 2, 3)


@pytest.mark.parametrize("language", ["en", pytest.param("ar-xb", marks=pytest.mark.slow)])
def test_every_state_is_accessible(page, live_server, cells, rita, language):
    rita.language = language
    rita.save()
    gold(cells, DEFECT, GOOD)
    waiting(cells, 14)
    page.goto(live_server.url + reverse("annotations:grids", args=[cells.slug]))
    assert_holds(page)
    open_grid(page, live_server, cells, ready=False)
    assert_holds(page)
    look_through(page)
    page.keyboard.press("Space")
    assert_holds(page)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("#notices .success")
    page.wait_for_selector(COUNTS)
    assert_holds(page)
    page.click(".grid-before summary")
    assert_holds(page)
    page.click(".grid-head form button")
    page.wait_for_selector(".grid-last", state="attached")
    page.wait_for_load_state()
    assert_holds(page)
    assert page.problems == []


def test_too_quick_or_without_a_connection_nothing_is_confirmed(
    page, live_server, cells, rita, context
):
    waiting(cells, 4)
    grid = open_grid(page, live_server, cells)
    cut_off(context)
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure:visible")
    assert_holds(page)
    back_online(context)
    assert not Review.objects.filter(grid=grid).exists()

    # Of a page that did not wait: the server keeps the time by its own clock.
    Grid.objects.filter(pk=grid.pk).update(shown_at=present() + timedelta(minutes=1))
    page.focus("[name=odd]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure >> text=Your marks are kept")
    assert_holds(page)
    assert not Review.objects.filter(grid=grid).exists()

    Grid.objects.filter(pk=grid.pk).update(shown_at=present() - timedelta(minutes=1))
    page.wait_for_selector(READY)
    page.click(READY)
    page.wait_for_selector("#notices .success")
    assert len(confirmed(grid)) == 4


def test_without_javascript(new_profile, live_server, cells, log_in):
    waiting(cells, 5)
    profile = new_profile(java_script_enabled=False)
    log_in(profile, reviewer(cells, "nora"))
    page = profile.new_page()
    page.goto(live_server.url + reverse("annotations:grid", args=[cells.slug, GOOD]))
    grid = Grid.objects.get()
    page.locator(".grid-cell").nth(2).click()
    page.wait_for_timeout(1100)
    page.click("text=Confirm the rest")
    page.wait_for_selector("#workbench")
    assert confirmed(grid) == names(grid, 1, 2, 4, 5)
