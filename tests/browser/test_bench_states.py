"""axe in the states of the bench that no other test leaves it in: both themes, wide and narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from tests.accessibility import assert_accessible
from tests.browser.bench import SEEN, press, sit_down, sit_down_with_items_ahead
from tests.factories import DEFECT, project, queued, reviewer
from tests.kinds import box, boxes_project, queued_boxes, queued_text, texts_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from annotations.models import Project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = [(theme, width) for theme in ("light", "dark") for width in (1280, 320)]
SEEING = ReviewSpec(approval="lead", blind_share=0.0)
BLIND = ReviewSpec(approval="lead", blind_share=1.0)


def of_kind(kind: str, review: ReviewSpec) -> Project:
    if kind == "boxes":
        of = boxes_project("work", review=review)
        for number in range(4):
            queued_boxes(of, box(), external_id=f"part-{number}")
    elif kind == "texts":
        of = texts_project("work", review=review)
        for number in range(4):
            queued_text(of, f"Parcel {number} is late. " * 40, external_id=f"mail-{number}")
    else:
        of = project("work", review=review)
        for number in range(4):
            queued(of, external_id=f"cell-{number}", label=DEFECT)
    return of


def looks(page: Page, theme: str, width: int) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})


def holds(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.fixture
def rita(context, log_in) -> Callable[[Project], None]:
    """Make her a reviewer of a project, in the browser of this test."""
    return lambda of: log_in(context, reviewer(of, "rita"))


@pytest.mark.parametrize("screen", SCREENS, ids="{0[0]}-{0[1]}".format)
@pytest.mark.parametrize("kind", ["classes", "boxes", "texts"])
def test_each_kind_and_each_dialog(page, live_server, rita, kind, screen):
    of = of_kind(kind, SEEING)
    rita(of)
    looks(page, *screen)
    sit_down(page, live_server, of)
    holds(page)
    for action in ("unusable", "skip", "comment", "lead"):
        page.click(f"#bench [data-action={action}]")
        page.wait_for_selector("dialog:modal")
        holds(page)
        page.keyboard.press("Escape")
    assert page.problems == []


@pytest.mark.parametrize("screen", SCREENS, ids="{0[0]}-{0[1]}".format)
@pytest.mark.parametrize("kind", ["classes", "boxes", "texts"])
def test_blind(page, live_server, rita, kind, screen):
    of = of_kind(kind, BLIND)
    rita(of)
    looks(page, *screen)
    sit_down(page, live_server, of)
    assert page.query_selector("#bench [data-action=confirm]") is None
    holds(page)
    assert page.problems == []


@pytest.mark.parametrize("screen", SCREENS, ids="{0[0]}-{0[1]}".format)
def test_loading_offline_waiting_and_empty(page, live_server, context, rita, screen):
    of = of_kind("classes", SEEING)
    rita(of)
    looks(page, *screen)
    page.route("**/media/**", lambda route: None)
    path = reverse("annotations:review", args=[of.slug])
    page.goto(live_server.url + path, wait_until="domcontentloaded")
    page.wait_for_selector("#workbench[aria-busy]")
    holds(page)
    page.unroute("**/media/**")

    sit_down_with_items_ahead(page, live_server, of)
    context.set_offline(True)
    page.wait_for_selector("#bench-status >> text=No connection")
    for _ in range(4):
        press(page, "1")
    page.wait_for_selector("#unsent >> text=4 unsent")
    assert "Waiting for the next item" in page.inner_text("#bench h1")
    holds(page)
    context.set_offline(False)
    page.wait_for_selector("text=Nothing is waiting for you")
    page.wait_for_selector(SEEN)
    holds(page)
