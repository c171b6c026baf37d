"""The first item is on the screen before the scripts of the bench are asked for."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from tests.browser.bench import SEEN, answers, press, shown, stored
from tests.factories import project, queued

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALL_SCRIPTS_RUN = "() => document.querySelector('#unsent')?.dataset.count === '0'"
HALF_A_SECOND = 500
NEVER_IMPATIENT = """
    const wait = window.setTimeout;
    window.setTimeout = (act, after, ...more) => wait(act, after === 2000 ? 1e9 : after, ...more);
"""
"""A busy machine may need longer than its patience to look at it."""
PICTURES = "**/media/**"
SCRIPTS_OF_THE_REST = "**/static/js/bench/main*.js"


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(3):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 20)
    return cells


def test_no_other_script_is_asked_for_before_the_first_picture_is_there(
    page, live_server, cells, rita
):
    scripts, held = [], []

    def hold(route) -> None:
        held.append(route)

    page.add_init_script(NEVER_IMPATIENT)
    page.on("request", lambda asked: asked.resource_type == "script" and scripts.append(asked.url))
    page.route(PICTURES, hold)
    page.goto(
        live_server.url + reverse("annotations:review", args=[cells.slug]), wait_until="commit"
    )
    page.wait_for_selector("#workbench[aria-busy]")
    page.wait_for_timeout(HALF_A_SECOND)
    assert [url.rsplit("/", 1)[-1] for url in scripts] == ["begin.js"]

    for route in held:
        route.continue_()
    page.unroute(PICTURES)
    page.wait_for_selector(SEEN)
    assert len(scripts) > 20


def test_a_picture_that_does_not_come_holds_up_no_key(page, live_server, cells, rita):
    page.route(PICTURES, lambda route: None)
    page.goto(
        live_server.url + reverse("annotations:review", args=[cells.slug]), wait_until="commit"
    )
    page.wait_for_selector("[data-zoom-frame] img", state="attached")
    page.wait_for_function(ALL_SCRIPTS_RUN)
    page.keyboard.press("?")
    page.wait_for_selector("dialog:modal")


def test_a_tab_that_is_opened_in_the_background_is_ready_when_it_is_looked_at(
    page, live_server, cells, rita
):
    page.add_init_script(
        """
        Object.defineProperty(document, "hidden", { get: () => true });
        window.requestAnimationFrame = () => 0;
        """
    )
    page.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))
    page.wait_for_function(ALL_SCRIPTS_RUN, polling=50)


def moved_on_from_without_scripts(page, name: str) -> None:
    page.wait_for_function(
        "name => ![name, undefined].includes(document.querySelector('#bench h1')?.innerText)",
        arg=name,
    )


def test_without_the_other_scripts_the_form_still_answers(page, live_server, cells, rita):
    page.route(SCRIPTS_OF_THE_REST, lambda route: route.abort())
    page.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))
    page.wait_for_selector("#workbench:not([aria-busy])")
    before = shown(page)
    page.click("button[name=label] >> nth=0")
    moved_on_from_without_scripts(page, before)
    stored(page, 1)
    page.unroute(SCRIPTS_OF_THE_REST)
    page.reload()
    press(page, "1")
    stored(page, 2)
    assert len({name for name, *_ in answers()}) == 2
