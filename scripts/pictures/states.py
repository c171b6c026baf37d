"""Every state that a page of review can be in: where it is, and how to bring it about."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Page

from scripts.pictures.drawn import is_cracked
from scripts.pictures.world import PASSWORD

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
    with studio.as_person("ada") as page:
        page.goto("/p/cells/review", wait_until="networkidle")
        written("l", "Crack or scratch?")(page, studio)
        with page.expect_response("**/review/lead"):
            page.locator("dialog[open] .primary").click()
    # Nobody's own answers of today open the grid to them.
    for person, slug in (("gwen", "many"), ("gaby", "patient")):
        with studio.as_person(person) as page:
            page.goto(f"/p/{slug}/review", wait_until="networkidle")
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


def told(name: str, **detail: object) -> Prepare:
    """The bench is told what its network, its storage or another tab would tell it."""
    tell = "([name, detail]) => document.dispatchEvent(new CustomEvent(`bench:${name}`, {detail}))"

    def happen(page: Page, _: Studio) -> None:
        page.evaluate(tell, [name, detail])

    return happen


USED = {
    "title": "It has been used already",
    "detail": "The answer has gone into a data set.",
    "where": [{"label": "Data set c0ffee", "url": "/"}],
    "reopen_url": "/",
}


def unreachable(page: Page, studio: Studio) -> None:
    """Connected, but the server is not there."""
    page.route("**/review/**", lambda route: route.abort())
    keys("Enter", "1")(page, studio)
    page.wait_for_selector("#bench-status:not(:empty)")


def loading(page: Page, _: Studio) -> None:
    """The picture is on its way."""
    page.route("**/media/**", lambda route: None)
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector("#workbench[aria-busy]")


def logs_in(username: str, password: str, seen: str) -> Prepare:
    """In the dialog over the bench."""

    def try_it(page: Page, studio: Studio) -> None:
        logged_out(page, studio)
        page.fill("#login-username", username)
        page.fill("#login-password", password)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#login-dialog [{seen}]:not([hidden])")

    return try_it


def worked_long(page: Page, _: Studio) -> None:
    """25 minutes at the bench."""
    page.clock.install()
    page.reload()
    page.wait_for_selector("#workbench[data-live]:not([aria-busy])")
    for _minute in range(26):
        page.clock.fast_forward(60_000)
        page.keyboard.press("Shift")
    page.wait_for_selector("[data-break-hint] .notice")


def light(page: Page, studio: Studio) -> None:
    page.locator(".viewer-bar summary").click()
    keys("]", "]", "}")(page, studio)


def wrong_numbers(page: Page, _: Studio) -> None:
    page.locator("[name=box_width]").first.fill("99999")
    page.locator("[name=box_y]").first.fill("")
    page.locator("[data-save]").click()


def reopening(page: Page, _: Studio) -> None:
    """Somebody wants to think again about the last answer."""
    last = page.locator("button[name=review]:not([disabled])").first
    page.goto(f"/p/cells/review/reopen/{last.get_attribute('value')}")


def too_quick(page: Page, _: Studio) -> None:
    """A page that did not wait, before a server that did."""
    page.evaluate("document.querySelector('[data-grid-confirm]').disabled = false")
    page.keyboard.press("Enter")
    page.wait_for_selector("#failure:not([hidden])")


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
    State("failed", "ada", "/p/cells/review", told("problem", **USED)),
    State("unreachable", "ada", "/p/cells/review", unreachable),
    State("unkept", "ada", "/p/cells/review", told("unkept")),
    State("unsure", "ada", "/p/cells/review", told("unsure")),
    State("gone", "ada", "/p/cells/review", told("gone")),
    State("elsewhere", "ada", "/p/cells/review", told("elsewhere")),
    State("loading", "ada", "/p/cells/review", loading),
    State("wrong-password", "ada", "/p/cells/review", logs_in("nobody", "wrong", "data-failed")),
    State("somebody-else", "ada", "/p/cells/review", logs_in("nuri", PASSWORD, "data-other")),
    State("break-hint", "ada", "/p/cells/review", worked_long),
    State("light", "ada", "/p/cells/review", light),
    State("full-screen", "ada", "/p/cells/review", keys("f")),
    State("guideline-open", "ada", "/p/cells/review", keys("y")),
    State("text-page-2", "fay", "/p/mails/review", keys(".")),
    State("text-skip", "fay", "/p/mails/review", keys("s")),
    State("text-unusable", "fay", "/p/mails/review", keys("x")),
    State("text-blind", "flo", "/p/mails-blind/review"),
    State("boxes-blind", "bea", "/p/boards-blind/review"),
    State("boxes-selected", "dora", "/p/boards/review", keys("j")),
    State("boxes-edited", "dora", "/p/boards/review", keys("j", "ArrowRight", "2", "b")),
    State("boxes-accepted", "dora", "/p/boards/review", keys("m")),
    State("boxes-removed", "dora", "/p/boards/review", keys("j", "Delete")),
    State("boxes-hidden", "dora", "/p/boards/review", keys("h")),
    State("boxes-wrong", "dora", "/p/boards/review", wrong_numbers),
    State("boxes-skip", "dora", "/p/boards/review", keys("s")),
    State("boxes-unusable", "dora", "/p/boards/review", keys("x")),
    State("grid-waiting", "gus", "/p/patient/grid/ok"),
    State("grid-too-quick", "gus", "/p/patient/grid/ok", too_quick),
    State("reopen", "nuri", "/p/cells/review", reopening),
    State("adjudication", "lena", "/p/cells/adjudicate"),
    State("not-found", "ada", "/p/nowhere/review"),
)
