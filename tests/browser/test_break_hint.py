"""A short break is suggested after 25 minutes of review, quietly, and not to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.bench import SEEN
from tests.factories import project, queued, reviewer

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HINT = "[data-break-hint] .notice"


@pytest.fixture
def bench(page, live_server, context, log_in):
    """A reviewer at work, on a page whose clock is ours."""

    def begin(**person) -> Page:
        cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
        queued(cells)
        rita = reviewer(cells)
        for name, value in person.items():
            setattr(rita, name, value)
        rita.save()
        log_in(context, rita)
        page.clock.install()
        page.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))
        page.wait_for_selector(SEEN)
        return page

    return begin


def review_for(page: Page, minutes: int) -> None:
    for _ in range(minutes):
        page.clock.fast_forward(60_000)
        page.keyboard.press("Shift")


def test_it_is_suggested_after_25_minutes_and_again_after_25_more(bench):
    page = bench()
    review_for(page, 24)
    assert page.locator(HINT).count() == 0
    review_for(page, 2)
    assert "Look into the distance" in page.inner_text(HINT)
    assert_accessible_in_both_themes(page)
    page.click("[data-break-over]")
    review_for(page, 20)
    assert page.locator(HINT).count() == 0
    review_for(page, 6)
    assert page.locator(HINT).count() == 1
    assert page.problems == []


def test_five_minutes_away_are_a_break(bench):
    page = bench()
    review_for(page, 20)
    page.clock.fast_forward(6 * 60_000)
    review_for(page, 20)
    assert page.locator(HINT).count() == 0


def test_a_reload_does_not_begin_anew(bench):
    page = bench()
    review_for(page, 20)
    page.reload()
    page.wait_for_selector(SEEN)
    review_for(page, 6)
    assert page.locator(HINT).count() == 1


def test_whoever_switched_it_off_never_sees_it(bench):
    page = bench(break_hint=False)
    review_for(page, 30)
    assert page.locator(HINT).count() == 0
