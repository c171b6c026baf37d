"""What the tests of the bench do as people: sit down, press keys, read what is shown.

A test waits for the state it goes on from, never for a time: a machine that is busy with other
tests takes seconds for what a quiet one does at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
WAITING = "Waiting for the next item"
MAY_GO_ON = """([seen, waiting, before]) => {
  const name = document.querySelector("#bench h1")?.innerText;
  const slow = navigator.onLine && name === waiting && before !== waiting;
  return document.querySelector(seen) && name !== before && !slow;
}"""
"""Another item than `before` may be judged; a bench waits only where there is no network."""
IS_AHEAD = """async (number) => {
  const scripts = performance.getEntriesByType("resource").map(({ name }) => name);
  const ahead = await import(scripts.find((name) => name.includes("/js/bench/ahead")));
  const items = [];
  while (ahead.count()) items.push(ahead.take());
  items.toReversed().forEach(ahead.putBack);
  const pictures = items.slice(0, number).map(({ element }) => element.querySelector(".stage img"));
  return items.length >= number && pictures.every((picture) => !picture || picture.complete);
}"""
REACHES = "() => fetch('/livez', { cache: 'no-store' }).then(() => true, () => false)"
ONLINE = f"async () => navigator.onLine && await ({REACHES})()"
OFFLINE = f"async () => !navigator.onLine && !await ({REACHES})()"
BOUNCED = """(key) => {
  const press = () => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, code: `Digit${key}`, bubbles: true, cancelable: true })
  );
  const again = () => { press(); requestAnimationFrame(press); };
  document.addEventListener("bench:shown", again, { once: true });
  press();
  press();
}"""


def sit_down(page: Page, live_server: LiveServer, of: Project) -> None:
    page.goto(live_server.url + reverse("annotations:review", args=[of.slug]))
    page.wait_for_selector(SEEN)


def sit_down_with_items_ahead(page: Page, live_server: LiveServer, of: Project) -> None:
    """Sit down, and wait until the next three items are here with their pictures."""
    with page.expect_response("**/review/ahead*") as asked:
        sit_down(page, live_server, of)
    is_ahead(page, min(AHEAD, len(asked.value.json()["items"])))


def is_ahead(page: Page, number: int = AHEAD) -> None:
    """Wait until so many of the next items are here with their pictures.

    No load state says so: `networkidle` has come before the first script asks for an item.
    """
    page.wait_for_function(IS_AHEAD, arg=number)


def keeps_nothing(context: BrowserContext) -> None:
    """The browser has no IndexedDB, as in some private windows."""
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")


def cut_off(context: BrowserContext) -> None:
    """The network is gone, and every page knows it: a key pressed at once could be faster."""
    context.set_offline(True)
    for page in context.pages:
        page.wait_for_function(OFFLINE)


def back_online(context: BrowserContext) -> None:
    """The network is there again, also for a key that is pressed at once."""
    context.set_offline(False)
    for page in context.pages:
        page.wait_for_function(ONLINE)


@contextmanager
def answering(page: Page) -> Iterator[None]:
    """What is done in it answers or undoes; ends when the next item may be judged."""
    page.wait_for_selector(SEEN)
    before = page.inner_text("#announcer")
    yield
    told = "before => document.querySelector('#announcer').innerText !== before"
    page.wait_for_function(told, arg=before)
    moved_on_from(page, "")


def press(page: Page, *keys: str) -> None:
    """Press keys, the last of which answers or undoes, when the item may be judged.

    Returns when the next one may be, too.
    """
    with answering(page):
        for key in keys:
            page.keyboard.press(key)


def bounce(page: Page, key: str) -> None:
    """A digit that comes twice at once, and twice more the moment that the next item is shown."""
    page.wait_for_selector(SEEN)
    page.evaluate(BOUNCED, key)


def shown(page: Page) -> str:
    return page.inner_text("#bench h1")


def moved_on_from(page: Page, name: str) -> None:
    """Wait until another item than `name` is on the screen, and may be judged."""
    page.wait_for_function(MAY_GO_ON, arg=[SEEN, WAITING, name])


def all_sent(page: Page) -> None:
    """Wait until the outbox is empty, and what the server said of its last answer is shown."""
    page.wait_for_selector("#unsent[data-count='0']")


def unsent(page: Page, number: int) -> None:
    page.wait_for_selector(f"#unsent >> text={number} unsent")


def tallied(page: Page, today: int) -> None:
    page.wait_for_selector(f"[data-tally=today] >> text='{today}'")


def answers() -> list[tuple[str, str, str]]:
    """Who said what, of the answers that count, in the order in which they were stored."""
    effective = Review.objects.filter(effective=True).select_related("entry__item").order_by("pk")
    return [(said.entry.item.external_id, said.verdict, said.label_key) for said in effective]


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for what the database must say, while `page` goes on.

    Nobody but this process answers its routes and dialogs: asleep, it would hold up what it waits
    for.
    """
    wait_until(condition, pause=lambda: page.wait_for_timeout(50))


def stored(page: Page, number: int) -> None:
    """Wait until so many answers are in the database."""
    until(page, lambda: Review.objects.filter(effective=True).count() == number)
