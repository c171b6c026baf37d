"""Boxes on pictures as they come: turned by their camera, zoomed, touched, and full of boxes."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from annotations.models import Review
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.test_boxes import (
    LATER,
    at,
    drag,
    follows,
    keys,
    placed,
    rows,
    sent,
    sit_at,
    told,
)
from tests.factories import DEFECT, GOOD, image_bytes, reviewer
from tests.kinds import box, boxes_project, queued_boxes

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_SMALL = """() => [...document.querySelectorAll(".boxes :is(button, select, [type=number])")]
  .map(target => [target.textContent || target.name, target.getBoundingClientRect()])
  .filter(([, { width, height }]) => width && Math.min(width, height) < 44)
  .map(([name]) => name)"""
TURNED_BY_A_QUARTER = 6
ORIENTATION = 0x0112


@pytest.fixture
def parts():
    return boxes_project(review=LATER)


@pytest.fixture
def rita(parts, context, log_in):
    rita = reviewer(parts, "rita")
    log_in(context, rita)
    return rita


def test_pixels_count_as_the_picture_is_seen_not_as_its_camera_stored_it(
    page, live_server, parts, rita
):
    buffer, exif = BytesIO(), Image.Exif()
    exif[ORIENTATION] = TURNED_BY_A_QUARTER
    stored = Image.open(BytesIO(image_bytes(7, size=(48, 30))))
    stored.save(buffer, "JPEG", exif=exif)
    queued_boxes(parts, box(GOOD, 2, 3, 20, 40), image=buffer.getvalue())
    sit_at(page, live_server, parts)
    assert "30 × 48" in page.inner_text(".boxes")

    page.click("[data-action=box_draw]")
    for x, y in ((5, 40), (24, 2)):
        page.mouse.move(*at(page, x, y, width=30))
        page.mouse.down()
        page.mouse.move(*at(page, x + 4, y + 6, width=30), steps=3)
        page.mouse.up()
        told(page, f"4 by 6 at {x}, {y}")
    sent(page, "a")

    assert placed() == [(GOOD, 2, 3, 20, 40), (GOOD, 5, 40, 4, 6), (GOOD, 24, 2, 4, 6)]


def test_a_turned_view_takes_boxes_where_they_are_seen(page, live_server, parts, rita):
    queued_boxes(parts, box())
    sit_at(page, live_server, parts)
    page.keyboard.press("r")
    page.wait_for_function("document.querySelector('.layers').style.transform.includes('90deg')")
    follows(page)

    def turned(x: float, y: float) -> tuple[float, float]:
        """A quarter turn sends (x, y) to (24 - y, x)."""
        return at(page, 24 - y, x, width=24)

    keys(page, "j", "ArrowRight")
    told(page, "10 by 8 at 4, 4")
    page.mouse.move(*turned(6, 8))
    page.mouse.down()
    page.mouse.move(*turned(9, 10), steps=3)
    page.mouse.up()
    assert rows(page) == [[7, 6, 10, 8]]
    page.click("[data-action=box_draw]")
    page.mouse.move(*turned(20, 15))
    page.mouse.down()
    page.mouse.move(*turned(26, 20), steps=3)
    page.mouse.up()
    told(page, "6 by 5 at 20, 15")
    page.mouse.click(*turned(9, 8))
    told(page, "Box 1")
    sent(page, "a")
    assert placed() == [(DEFECT, 7, 6, 10, 8), (GOOD, 20, 15, 6, 5)]
    assert page.problems == []


def test_two_hundred_boxes_are_walked_through_moved_and_kept(page, live_server, parts, rita):
    many = [
        box((GOOD, DEFECT)[n % 2], n % 20 * 1.5, n // 20 * 2, 1.25, 1.5, score=0.5)
        for n in range(200)
    ]
    queued_boxes(parts, *many)
    sit_at(page, live_server, parts)
    assert page.locator(".boxes-layer > .drawing g").count() == 200

    before = rows(page)
    for _ in range(20):
        keys(page, "j", "ArrowRight", "ArrowDown")
    assert sum(row != old for row, old in zip(rows(page), before, strict=True)) == 20
    for _ in range(40):
        keys(page, "Control+z")
    assert rows(page) == before
    sent(page, "a")
    assert len(placed()) == 200
    assert page.problems == []


class Fingers:
    """What a touch screen tells the browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches: list[dict[str, Any]] = [
            {"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def drag(self, *way: tuple[float, float]) -> None:
        self.send("touchStart", way[0])
        for one, other in pairwise(way):
            for step in (0.25, 0.5, 0.75, 1):
                x, y = (a + (b - a) * step for a, b in zip(one, other, strict=True))
                self.send("touchMove", (x, y))
        # a finger that rests before it leaves flings nothing
        self.page.wait_for_timeout(200)
        self.send("touchMove", way[-1])
        self.send("touchEnd")


@pytest.fixture
def tablet(new_profile, live_server, parts, log_in):
    profile = new_profile(has_touch=True, is_mobile=True, viewport={"width": 820, "height": 1100})
    log_in(profile, reviewer(parts))
    queued_boxes(parts, box())
    page = profile.new_page()
    sit_at(page, live_server, parts)
    return page


def test_boxes_are_drawn_moved_and_judged_by_touch(tablet):
    fingers = Fingers(tablet)
    tablet.tap("[data-action=box_draw]")
    fingers.drag(at(tablet, 20, 12), at(tablet, 28, 18))
    told(tablet, "8 by 6 at 20, 12")
    tablet.tap("[data-action=box_draw]")
    fingers.drag(at(tablet, 23, 15), at(tablet, 21, 14))
    told(tablet, "8 by 6 at 18, 11")
    tablet.touchscreen.tap(*at(tablet, 8, 9))
    told(tablet, "Box 1")
    tablet.tap(".box-bar [data-action=box_accept]")
    told(tablet, "Box 1 accepted")
    assert_accessible_in_both_themes(tablet)

    tablet.tap("[data-action=confirm]")
    tablet.wait_for_selector("text=Nothing is waiting for you")
    assert placed() == [(DEFECT, 4, 5, 10, 8), (GOOD, 18, 11, 8, 6)]


def test_two_fingers_zoom_also_while_boxes_are_drawn(tablet):
    fingers = Fingers(tablet)
    tablet.tap("[data-action=box_draw]")
    width = "document.querySelector('.boxes-layer').getBoundingClientRect().width"
    before = tablet.evaluate(width)
    one, other = at(tablet, 14, 12), at(tablet, 18, 12)
    fingers.send("touchStart", one)
    fingers.send("touchStart", one, other)
    for step in range(1, 6):
        fingers.send("touchMove", (one[0] - 20 * step, one[1]), (other[0] + 20 * step, other[1]))
    fingers.send("touchEnd")

    tablet.wait_for_function(f"before => {width} > before * 1.5", arg=before)
    follows(tablet)
    assert len(rows(tablet)) == 1
    fingers.drag(at(tablet, 14, 12), at(tablet, 17, 14))
    told(tablet, "3 by 2 at 14, 12")
    tablet.tap("[data-action=confirm]")
    tablet.wait_for_selector("text=Nothing is waiting for you")
    assert placed() == [(DEFECT, 4, 5, 10, 8), (GOOD, 14, 12, 3, 2)]


def test_targets_are_large_enough_for_fingers(tablet):
    tablet.touchscreen.tap(*at(tablet, 8, 9))
    tablet.wait_for_selector(".a9s-handle-buffer", state="attached")
    assert tablet.evaluate(TOO_SMALL) == []
    circle = tablet.locator(".a9s-handle-buffer >> visible=true").first
    round_it = circle.bounding_box()
    assert round_it is not None
    stroke = circle.evaluate("circle => parseFloat(getComputedStyle(circle).strokeWidth)")
    assert round_it["width"] + stroke >= 44


def test_a_wrong_drag_changes_nothing(page, live_server, parts, rita):
    """A click that trembles draws no box, and none is turned."""
    queued_boxes(parts, box())
    sit_at(page, live_server, parts)
    page.click("[data-action=box_draw]")
    x, y = at(page, 20, 15)
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(400)
    page.mouse.move(x + 2, y + 3)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert rows(page) == [[4, 5, 10, 8]]
    page.keyboard.press("Escape")
    page.mouse.click(*at(page, 9, 9))
    page.wait_for_selector(".a9s-shape-handle", state="attached")
    assert page.locator(".a9s-rotation-handle-group").is_hidden()
    drag(page, (9, 4.2), (14, 4.2))
    assert rows(page) in ([[4, 5, 10, 8]], [[4, 4, 10, 9]])
    assert not Review.objects.exists()
