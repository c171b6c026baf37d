"""What the tests of the bench do as people: sit down, press keys, read what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from annotations.models import Review
from tests.services import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page
    from pytest_django.live_server_helper import LiveServer

    from annotations.models import Project

SEEN = "#workbench[data-live]:not([aria-busy])"
"""The scripts of the bench are at work, and its item may be judged."""
AHEAD = 3


def sit_down(page: Page, live_server: LiveServer, of: Project) -> None:
    page.goto(live_server.url + reverse("annotations:review", args=[of.slug]))
    page.wait_for_selector(SEEN)


def sit_down_with_items_ahead(page: Page, live_server: LiveServer, of: Project) -> None:
    """Sit down, and wait until the next three items are here with their pictures."""
    with page.expect_response("**/review/ahead*"):
        sit_down(page, live_server, of)
    page.wait_for_load_state("networkidle")


def keeps_nothing(context: BrowserContext) -> None:
    """The browser has no IndexedDB, as in some private windows."""
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")


def cut_off(context: BrowserContext) -> None:
    """The network is gone, and every page knows it: a key pressed at once could be faster."""
    context.set_offline(True)
    for page in context.pages:
        page.wait_for_function("!navigator.onLine")


def press(page: Page, *keys: str) -> None:
    """Press keys, the last of which answers or undoes, when the item may be judged.

    Returns when the next one may be, too.
    """
    page.wait_for_selector(SEEN)
    before = page.inner_text("#announcer")
    for key in keys:
        page.keyboard.press(key)
    told = "before => document.querySelector('#announcer').innerText !== before"
    page.wait_for_function(told, arg=before)
    page.wait_for_selector(SEEN)


def shown(page: Page) -> str:
    return page.inner_text("#bench h1")


def moved_on_from(page: Page, name: str) -> None:
    """Wait until another item than `name` is on the screen, and may be judged."""
    other = "name => document.querySelector('#bench h1').innerText !== name"
    page.wait_for_function(other, arg=name)
    page.wait_for_selector(SEEN)


def all_sent(page: Page) -> None:
    page.wait_for_selector("#unsent[data-count='0']")


def unsent(page: Page, number: int) -> None:
    page.wait_for_selector(f"#unsent >> text={number} unsent")


def answers() -> list[tuple[str, str, str]]:
    """Who said what, of the answers that count, in the order in which they were stored."""
    effective = Review.objects.filter(effective=True).select_related("entry__item").order_by("pk")
    return [(said.entry.item.external_id, said.verdict, said.label_key) for said in effective]


def stored(number: int) -> None:
    """Wait until so many answers are in the database."""
    wait_until(lambda: Review.objects.filter(effective=True).count() == number)
