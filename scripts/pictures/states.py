"""Every state that a page of review can be in: where it is, and how to bring it about."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

from scripts.pictures.drawn import is_cracked

SOON = 400


class Studio(Protocol):
    """Where a state is brought about: others may be called in."""

    def as_person(self, name: str) -> AbstractContextManager[Page]: ...


Prepare = Callable[[Page, Studio], None]


@dataclass(frozen=True)
class State:
    """`person` opens `path`, then `prepare` does what it takes; `guide` names it in the guide."""

    name: str
    person: str
    path: str
    prepare: Prepare | None = None
    guide: str = ""


def keys(*pressed: str) -> Prepare:
    """Press keys one after another, as somebody who looks between them."""

    def press(page: Page, _: Studio) -> None:
        for key in pressed:
            page.keyboard.press(key)
            page.wait_for_timeout(SOON)

    return press


def read(studio: Studio) -> None:
    """Somebody reads the guideline before it changes."""
    with studio.as_person("ivo") as page:
        page.goto("/p/mails/guideline")


def work(studio: Studio) -> None:
    """What has been done before the first picture: answers, a question, a question come back."""
    with studio.as_person("nuri") as page:
        page.goto("/p/cells/review", wait_until="networkidle")
        keys("l")(page, studio)
        page.locator("dialog[open] [name=text]").fill("Is a line this thin a crack?")
        page.locator("dialog[open] .primary").click()
        page.wait_for_timeout(SOON)
        keys("Enter", "1", "Enter", "2", "Enter", "s", "1")(page, studio)
        page.wait_for_load_state("networkidle")
    with studio.as_person("lena") as page:
        page.goto("/p/cells/adjudicate", wait_until="networkidle")
        page.locator("[data-modal][popovertarget=return]").click()
        page.locator("dialog[open] [type=radio]").first.check()
        page.locator("dialog[open] [name=reason]").fill(
            "Look at the lower busbar: it goes through."
        )
        page.locator("dialog[open] .primary").click()
        page.wait_for_load_state("networkidle")
    with studio.as_person("gil") as page:
        page.goto("/p/many/review", wait_until="networkidle")
        keys(*["1"] * 14)(page, studio)
        page.wait_for_load_state("networkidle")


def written(key: str, text: str) -> Prepare:
    """Open a dialog and write into it."""

    def write(page: Page, studio: Studio) -> None:
        keys(key)(page, studio)
        page.locator("dialog[open] [name=text]").fill(text)

    return write


def odd_ones(page: Page, _: Studio) -> None:
    """Mark the cells that show a crack, found by the number in the name of the item."""
    for cell in page.locator(".grid-cell").all():
        name = re.search(r"many-(\d+)", cell.locator("img").get_attribute("alt") or "")
        if name and is_cracked(int(name[1])):
            cell.click()


def unsent(page: Page, _: Studio) -> None:
    """Three answers without a network."""
    page.context.set_offline(True)
    keys("Enter", "1", "Enter")(page, _)


def waiting(page: Page, studio: Studio) -> None:
    """Nothing is ahead, and the network does not answer."""
    page.context.set_offline(True)
    for _ in range(6):
        if page.locator("#bench [data-entry]").count():
            keys("Enter")(page, studio)


def logged_out(page: Page, studio: Studio) -> None:
    """The session ended between two answers."""
    page.context.clear_cookies()
    keys("Enter")(page, studio)
    page.wait_for_selector("#login-dialog[open]")


def refused(page: Page, studio: Studio) -> None:
    """A lead withdraws the item while somebody judges it."""
    name = page.locator("#bench [data-entry]").get_attribute("data-external-id") or ""
    with studio.as_person("lena") as other:
        other.goto(page.url.replace("/review", "/queue"))
        other.get_by_role("link", name=name).click()
        other.locator(".page-head [data-modal]").first.click()
        other.locator("dialog[open] [name=reason]").fill("Photographed twice")
        other.locator("dialog[open] [type=submit]").click()
        other.wait_for_load_state("networkidle")
    keys("Enter")(page, studio)
    page.wait_for_selector("#refused-dialog[open]")


STATES = (
    State("login", "", "/login"),
    State("projects", "ada", "/"),
    State("profile", "ada", "/profile"),
    State("guideline", "ada", "/p/cells/guideline"),
    State("guideline-first", "hana", "/p/cells/review"),
    State("guideline-changed", "ivo", "/p/mails/review"),
    State("empty-queue", "cleo", "/p/empty/review"),
    State("image", "ada", "/p/cells/review", guide="image"),
    State("blind", "ben", "/p/blind/review", guide="blind"),
    State("boxes", "dora", "/p/boards/review", guide="boxes"),
    State("page", "emil", "/p/orders/review", guide="page"),
    State("text", "fay", "/p/mails/review", guide="text"),
    State("answered", "ada", "/p/cells/review", keys("Enter", "1", "2")),
    State("skip-dialog", "ada", "/p/cells/review", keys("s"), guide="skip"),
    State("unusable-dialog", "ada", "/p/cells/review", keys("x")),
    State("unsent", "ada", "/p/cells/review", unsent, guide="unsent"),
    State("waiting", "ada", "/p/cells/review", waiting),
    State("logged-out", "ada", "/p/cells/review", logged_out),
    State("refused", "ada", "/p/cells/review", refused),
    State("help", "ada", "/p/cells/review", keys("?")),
    State("comment", "ada", "/p/cells/review", written("c", "Dust, I think.")),
    State("to-the-lead", "ada", "/p/cells/review", written("l", "Is this a crack?")),
    State("returned", "nuri", "/p/cells/review"),
    State("my-work", "nuri", "/p/cells/mine", guide="mine"),
    State("grid", "gil", "/p/many/grid/ok", odd_ones, guide="grid"),
    State("grids", "gil", "/p/many/grid"),
    State("keys", "ada", "/profile/keys", guide="keys"),
    State("not-found", "ada", "/p/nowhere/review"),
)
