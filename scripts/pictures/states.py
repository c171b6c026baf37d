"""Every state that a page of review can be in: where it is, and how to bring it about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Prepare = Callable[[Page], None]
SOON = 400


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

    def press(page: Page) -> None:
        for key in pressed:
            page.keyboard.press(key)
            page.wait_for_timeout(SOON)

    return press


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
    State("help", "ada", "/p/cells/review", keys("?"), guide="help"),
    State("not-found", "ada", "/p/nowhere/review"),
)
