"""axe-core in the page under test: WCAG 2.2 A and AA, named rule by rule when broken."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
THEMES = ("light", "dark")
WIDTHS = (1280, 320)
MOVED = """() => Promise.all(
  document.getAnimations().map((each) => each.finished.catch(() => {}))
).then(() => {})"""


@cache
def _axe_source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[dict[str, Any]]:
    """What axe finds on the page as it is shown now; `evaluate` is not bound by the page's CSP.

    What is still read, or still changes its colour, is waited for. It may not preload: what a style
    sheet imports it would lay out as inline styles, which the CSP refuses and the console reports.
    Only rules that are experimental or about videos would use it.
    """
    page.wait_for_load_state("domcontentloaded")
    page.evaluate(MOVED)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe_source())
    options = json.dumps({"runOnly": list(TAGS), "resultTypes": ["violations"], "preload": False})
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({options}).then(r => r.violations)")
    return found


def assert_accessible(page: Page) -> None:
    """Fail with every rule that is broken and the first elements that break it."""
    found = violations(page)
    told = [
        f"{rule['id']}: {rule['help']}\n"
        + "\n".join(f"    {node['html'][:160]}" for node in rule["nodes"][:4])
        for rule in found
    ]
    assert not found, f"{page.url} breaks {len(found)} accessibility rules:\n" + "\n".join(told)


def assert_accessible_in_both_themes(page: Page) -> None:
    """The state as it stands, whatever theme it was brought about in."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert_accessible(page)


def resize(page: Page, width: int, height: int) -> None:
    """Another size of the window, and the page knows it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => innerWidth === width", arg=width)


def fits(page: Page) -> bool:
    """Whether nothing makes the page itself scroll sideways (WCAG 1.4.10)."""
    fitting: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return fitting


def assert_holds(page: Page, *, widths: Sequence[int] = WIDTHS, height: int = 800) -> None:
    """The state as it stands is accessible in both themes, and fits, wide and narrow."""
    for width in widths:
        resize(page, width, height)
        page.evaluate("scrollTo(0, 0)")  # what the bar of the page half covers is no small target
        assert_accessible_in_both_themes(page)
        assert fits(page), f"{page.url} is wider than {width} pixels"
