"""How a picture of forty megapixels moves: time from frame to frame while it is dragged and zoomed.

And how long its pixels take from the key that asks for more than the display has: made by the web
server at the first look (`made`), and fetched from storage at any later one (`kept`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOVES = 90
TURNS = 40
READY = "#workbench[data-live]:not([aria-busy]) [data-zoom-frame] img"

# From the last key to the frame after the full picture was laid over the smaller one.
_WATCH = """
() => {
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { capture: true });
  window.fullAfter = new Promise((resolve) => {
    new MutationObserver((_, watcher) => {
      if (!document.querySelector("img.full-size")) return;
      watcher.disconnect();
      requestAnimationFrame(() => requestAnimationFrame((painted) => resolve(painted - pressed)));
    }).observe(document.querySelector("#workbench"), { childList: true, subtree: true });
  });
}
"""

_RECORD = """
() => {
  window.between = [];
  let before = 0;
  const frame = (now) => {
    if (before) window.between.push(now - before);
    before = now;
    if (window.between) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
"""
_PLACE = "() => Math.round(document.querySelector('img.full-size').getBoundingClientRect().x)"
_RECORDED = "() => { const told = window.between; window.between = null; return told; }"


def first_full_view(page: Page, address: str) -> float:
    """Milliseconds from the key to all pixels on the screen; the page stays zoomed in."""
    page.goto(address)
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")
    page.evaluate(_WATCH)
    for _ in range(6):
        page.keyboard.press("+")
    waited: float = page.evaluate("window.fullAfter")
    return waited


def frames(page: Page) -> dict[str, list[float]]:
    """Milliseconds from frame to frame of a picture that is zoomed in already."""
    frame = page.locator("[data-zoom-frame]").bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    return {"pan": _panned(page, x, y), "zoom": _zoomed(page)}


def _panned(page: Page, x: float, y: float) -> list[float]:
    """Down to the right and back, twice; what did not follow the hand would be no figure."""
    lay = page.evaluate(_PLACE)
    page.mouse.down()
    page.evaluate(_RECORD)
    seen = []
    for number in range(MOVES):
        away = 4 * min(number % 60, 60 - number % 60)
        page.mouse.move(x - away, y - away / 2)
        if number % 60 == 30:
            seen.append(page.evaluate(_PLACE))
    told: list[float] = page.evaluate(_RECORDED)
    page.mouse.up()
    assert seen == [lay - 120] * len(seen), (lay, seen)
    return told


def _zoomed(page: Page) -> list[float]:
    page.evaluate(_RECORD)
    for number in range(TURNS):
        page.mouse.wheel(0, -120 if number % 10 < 5 else 120)
        page.wait_for_timeout(16)
    told: list[float] = page.evaluate(_RECORDED)
    return told
