"""Every state that a page of review can be in: where it is, and how to bring it about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

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
    State("empty-queue", "cleo", "/p/empty/review"),
    State("image", "ada", "/p/cells/review", guide="image"),
    State("blind", "ben", "/p/blind/review", guide="blind"),
    State("boxes", "dora", "/p/boards/review", guide="boxes"),
    State("page", "emil", "/p/orders/review", guide="page"),
    State("text", "fay", "/p/mails/review", guide="text"),
    State("answered", "ada", "/p/cells/review", keys("Enter", "1", "2"), guide="recent"),
    State("skip-dialog", "ada", "/p/cells/review", keys("s"), guide="skip"),
    State("unusable-dialog", "ada", "/p/cells/review", keys("x")),
    State("unsent", "ada", "/p/cells/review", unsent, guide="unsent"),
    State("waiting", "ada", "/p/cells/review", waiting),
    State("logged-out", "ada", "/p/cells/review", logged_out),
    State("refused", "ada", "/p/cells/review", refused),
    State("help", "ada", "/p/cells/review", keys("?"), guide="help"),
    State("not-found", "ada", "/p/nowhere/review"),
)
