"""The picture under judgement, moved by wheel, mouse, fingers and keys in a real browser."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.urls import reverse
from PIL import Image

from annotations.domain.reviewing import ReviewSpec
from tests.accessibility import WIDTHS, assert_holds
from tests.browser.bench import SEEN, press, sit_down
from tests.factories import DEFECT, GOOD, lead, project, queued, reviewer
from tests.kinds import answered, box, boxes_project, queued_boxes
from tests.services import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
LATER = ReviewSpec(approval="lead", blind_share=0.0)
PICTURE = "[data-layers] img"
IS_FULL = "document.fullscreenElement !== null"


def photo(width: int, height: int, seed: int = 0) -> bytes:
    """A gradient with its own hue: light at the top left, so that turns show."""
    across, down = np.meshgrid(np.linspace(250, 40, width), np.linspace(1, 0.3, height))
    grey = (across * down).astype(np.uint8)
    pixels = np.stack([grey, np.roll(grey, 40 * seed), 255 - grey], axis=-1)
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@pytest.fixture
def bench(page, live_server, context, log_in):
    """A reviewer before a queue of photographs of the given sizes."""

    def begin(*sizes: tuple[int, int]) -> Page:
        cells = project("cells", review=LATER)
        for number, size in enumerate(sizes or ((600, 400),)):
            queued(cells, image=photo(*size, number), confidence=0.5 + number / 25)
        log_in(context, reviewer(cells))
        sit_down(page, live_server, cells)
        return page

    return begin


def where(page: Page) -> dict[str, float]:
    """The picture as it lies in its frame, in pixels of the screen."""
    return page.evaluate(
        """() => {
          const image = document.querySelector("[data-layers] img").getBoundingClientRect();
          const frame = document.querySelector("[data-zoom-frame]").getBoundingClientRect();
          return {x: image.x - frame.x, y: image.y - frame.y,
                  width: image.width, height: image.height,
                  across: frame.width, down: frame.height, left: frame.x, top: frame.y};
        }"""
    )


def said(page: Page) -> str:
    return page.inner_text("[data-view-said]")


def light(page: Page) -> str:
    return page.evaluate(f"getComputedStyle(document.querySelector('{PICTURE}')).filter")


def share(at: dict[str, float], x: float, y: float) -> tuple[float, float]:
    """Which part of the picture lies under a point of the frame."""
    return (x - at["x"]) / at["width"], (y - at["y"]) / at["height"]


def test_the_wheel_zooms_at_the_pointer(bench):
    page = bench()
    page.keyboard.press("+")
    before = where(page)
    page.mouse.move(before["left"] + 300, before["top"] + 200)

    page.mouse.wheel(0, -400)

    page.wait_for_function("document.querySelector('[data-view-said]').innerText > 'Zoom 200'")
    after = where(page)
    assert after["width"] > before["width"] * 1.5
    assert share(after, 300, 200) == pytest.approx(share(before, 300, 200), abs=0.01)
    page.keyboard.press("z")
    assert said(page) == "Zoom 100 %"
    assert page.problems == []


def test_a_drag_moves_the_zoomed_picture_and_no_further_than_its_edge(bench):
    page = bench()
    for _ in range(3):
        page.keyboard.press("+")
    before = where(page)
    middle = before["left"] + 300, before["top"] + 300
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1] - 40)
    moved = where(page)
    page.mouse.move(middle[0] + 9000, middle[1] + 9000)
    page.mouse.up()

    assert (moved["x"], moved["y"]) == pytest.approx((before["x"] - 60, before["y"] - 40), abs=1)
    edge = where(page)
    assert (edge["x"], edge["y"]) == pytest.approx((0, 0), abs=1)
    page.mouse.move(*middle)
    assert where(page) == edge


def test_arrows_and_space_with_a_drag_move_it_too(bench):
    page = bench()
    page.keyboard.press("ArrowRight")
    assert where(page)["x"] <= 0 or said(page) == "Zoom 100 %"
    for _ in range(3):
        page.keyboard.press("+")
    before = where(page)

    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")

    after = where(page)
    assert after["x"] == pytest.approx(before["x"] - before["across"] / 8, abs=1)
    assert after["y"] == pytest.approx(before["y"] - before["down"] / 8, abs=1)
    page.keyboard.down("Space")
    page.mouse.move(before["left"] + 200, before["top"] + 200)
    page.mouse.down()
    page.mouse.move(before["left"] + 230, before["top"] + 220)
    page.mouse.up()
    page.keyboard.up("Space")
    assert where(page)["x"] == pytest.approx(after["x"] + 30, abs=1)


class Fingers:
    """On the screen, by the DevTools protocol: as the browser gets them from a tablet."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def __call__(self, kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})


def test_two_fingers_zoom_and_one_moves(new_profile, live_server, log_in):
    profile = new_profile(has_touch=True, viewport={"width": 1280, "height": 800})
    page = profile.new_page()
    cells = project("cells", review=LATER)
    queued(cells, image=photo(600, 400))
    log_in(profile, reviewer(cells))
    sit_down(page, live_server, cells)
    at = where(page)
    x, y = at["left"] + 400, at["top"] + 300
    touch = Fingers(page)

    touch("touchStart", (x - 50, y), (x + 50, y))
    for apart in (70, 100, 150):
        touch("touchMove", (x - apart, y), (x + apart, y))
    touch("touchEnd")

    thrice = pytest.approx(at["width"] * 3, rel=0.03)
    wait_until(lambda: where(page)["width"] == thrice)
    pinched = where(page)
    assert share(pinched, 400, 300) == pytest.approx(share(at, 400, 300), abs=0.01)
    touch("touchStart", (x, y))
    touch("touchMove", (x - 30, y - 20))
    touch("touchEnd")
    dragged = pytest.approx(pinched["x"] - 30, abs=1)
    wait_until(lambda: where(page)["x"] == dragged)
    height = page.evaluate(
        "document.querySelector('[data-view=in]').getBoundingClientRect().height"
    )
    assert height >= 44


def test_a_second_click_zooms_in_where_it_is_so_that_nobody_has_to_drag(bench):
    page = bench()
    page.keyboard.press("+")
    before = where(page)

    page.mouse.dblclick(before["left"] + 450, before["top"] + 330)

    assert said(page) == "Zoom 300 %"
    assert share(where(page), 450, 330) == pytest.approx(share(before, 450, 330), abs=0.01)


def test_four_quarter_turns_come_back_and_the_view_stays_fitted(bench):
    page = bench((600, 300))
    upright = where(page)
    page.keyboard.press("r")
    turned = where(page)

    assert said(page) == "Turned by 90 degrees"
    assert turned["height"] == pytest.approx(turned["down"], abs=1)
    assert turned["width"] == pytest.approx(turned["down"] / 2, abs=1)
    for _ in range(3):
        page.keyboard.press("r")
    assert where(page)["width"] == pytest.approx(upright["width"], abs=1)


def test_boxes_turn_and_zoom_with_their_picture(page, live_server, context, log_in):
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box(x=4, y=5, width=10, height=8))
    log_in(context, reviewer(parts))
    sit_down(page, live_server, parts)
    page.keyboard.press("r")
    page.keyboard.press("+")

    def share() -> list[float]:
        return page.evaluate(
            """() => {
              const image = document.querySelector("[data-layers] img").getBoundingClientRect();
              const mark = document.querySelector(".drawing .line").getBoundingClientRect();
              return [(mark.left - image.left) / image.width, (mark.top - image.top) / image.height,
                      mark.width / image.width, mark.height / image.height];
            }"""
        )

    # Of 32 x 24 pixels, by a quarter to the right: (x, y) lies at (24 - y, x). A frame later.
    expected = pytest.approx([11 / 24, 4 / 32, 8 / 24, 10 / 32], abs=0.01)
    wait_until(lambda: share() == expected)


def test_light_changes_by_keys_is_said_and_begins_anew_with_the_next_item(bench):
    page = bench((60, 40), (60, 40))
    page.keyboard.press("]")
    page.keyboard.press("]")
    assert said(page) == "Brightness 120 %"
    page.keyboard.press("{")
    assert said(page) == "Contrast 90 %"
    page.keyboard.press("i")
    assert light(page) == "invert(1) brightness(1.2) contrast(0.9)"
    page.click(".viewer-bar summary")
    assert page.inner_text("[data-light=brightness]") == "120 %"
    assert page.get_attribute("[data-view=invert]", "aria-pressed") == "true"
    page.click("[data-view=plain]")
    assert light(page) == "none"
    page.keyboard.press("[")
    assert light(page) == "brightness(0.9) contrast(1)"

    press(page, "a")

    assert light(page) == "none"
    assert said(page) == "Zoom 100 %"
    assert page.problems == []


def test_scanned_pages_keep_zoom_and_place_from_item_to_item(bench):
    page = bench((700, 1000), (700, 1100), (700, 1000))
    page.click(".viewer-bar summary")
    page.click("[data-view=keep]")
    first = where(page)
    assert first["width"] == pytest.approx(first["across"], abs=1)
    assert first["y"] == pytest.approx(0, abs=1)
    page.mouse.move(first["left"] + 300, first["top"] + 300)
    page.mouse.wheel(0, 120)
    page.wait_for_function(f"document.querySelector('{PICTURE}').getBoundingClientRect().y < 0")
    read = where(page)
    assert read["width"] == first["width"]

    press(page, "a")

    page.wait_for_function("document.querySelector('[data-view-said]').innerText !== 'Zoom 100 %'")
    second = where(page)
    # Letters are as large as on the page before, and as far from the top.
    assert second["width"] == pytest.approx(read["width"], abs=1)
    assert second["y"] / second["height"] == pytest.approx(read["y"] / read["height"], abs=0.01)
    page.reload()
    page.wait_for_selector(SEEN)
    assert where(page)["width"] == pytest.approx(read["width"], abs=1)
    page.click(".viewer-bar summary")
    page.click("[data-view=keep]")
    press(page, "a")
    assert where(page)["height"] <= where(page)["down"] + 1
    assert page.evaluate("sessionStorage.length") <= 1


def test_all_pixels_are_fetched_when_somebody_looks_closer(bench):
    page = bench((4000, 3000))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("+")
    page.wait_for_timeout(400)
    assert not [url for url in asked if url.endswith("/full")]

    for _ in range(4):
        page.keyboard.press("+")
    page.wait_for_selector("img.full-size", state="attached")

    assert page.evaluate("document.querySelector('img.full-size').naturalWidth") == 4000
    boxes = page.evaluate(
        """[...document.querySelectorAll("[data-layers] img")].map((image) => {
          const box = image.getBoundingClientRect();
          return [box.x, box.y, box.width, box.height];
        })"""
    )
    assert boxes[0] == boxes[1]
    assert len([url for url in asked if url.endswith("/full")]) == 1
    assert page.problems == []


def test_a_small_original_has_nothing_more_to_fetch(bench):
    assert bench((2000, 1000)).get_attribute(PICTURE, "data-full") is None


def test_full_screen_holds_the_answers_too(bench):
    page = bench()
    page.keyboard.press("f")
    page.wait_for_function(IS_FULL)
    assert page.is_visible(".judge")
    page.keyboard.press("f")
    page.wait_for_function(f"!({IS_FULL})")


def test_nothing_shifts_while_the_picture_loads(bench):
    page = bench((3000, 2000))
    page.reload()
    page.wait_for_selector(SEEN)
    moved = page.evaluate(
        """() => new Promise((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries().map((entry) => entry.value)))
            .observe({type: "layout-shift", buffered: true});
          setTimeout(() => resolve([]), 500);
        })"""
    )
    assert sum(moved) < 0.01, json.dumps(moved)


def test_everybody_can_use_the_tools(bench):
    page = bench((900, 600))
    page.click(".viewer-bar summary")
    page.click("[data-view=invert]")
    assert_holds(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for name in ("in", "turn", "full", "keep"):
            page.click(f"[data-view={name}]", trial=True)
    assert page.problems == []


def test_the_lead_looks_at_a_dispute_with_the_same_tools(page, live_server, context, log_in):
    cells = project("cells", review=TWO)
    entry = queued(cells, image=photo(600, 400))
    for label in (GOOD, DEFECT):
        answered(cells, entry, reviewer(cells), "label", label_key=label)
    log_in(context, lead(cells))
    page.goto(live_server.url + reverse("annotations:adjudicate", args=[cells.slug]))

    page.keyboard.press("+")
    page.keyboard.press("r")

    assert said(page) == "Turned by 90 degrees"
    assert page.problems == []


def test_the_page_of_an_item_has_the_tools_without_keys(page, live_server, context, log_in):
    cells = project("cells", review=LATER)
    entry = queued(cells, image=photo(4000, 3000))
    log_in(context, lead(cells))
    page.goto(live_server.url + reverse("training:item", args=[cells.slug, entry.item.uid]))

    page.keyboard.press("+")
    assert said(page) == "Zoom 100 %"
    for _ in range(3):
        page.click("[data-view=in]")
    assert said(page) == "Zoom 338 %"
    assert page.get_attribute(PICTURE, "data-full")
    assert page.problems == []
