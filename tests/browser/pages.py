"""From page to page: what is read or pressed next belongs to the new one.

A click or a key only begins the way there. Text that is read at once may be of the old page, or of
the first half of the new one, and its keys do nothing before its scripts have run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def opens(page: Page, selector: str) -> None:
    """Click what leads to another page; returns when that one is there, its scripts at work."""
    with page.expect_navigation():
        page.click(selector)


def enters(page: Page, keys: str = "\n") -> None:
    """The same by what is typed: Enter, or the chord of a station."""
    with page.expect_navigation():
        page.keyboard.type(keys)
