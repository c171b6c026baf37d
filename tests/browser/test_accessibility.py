"""WCAG 2.2 A and AA on every page, in both themes, on a wide and on a narrow screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.actions.request_simulation import request_simulation
from annotations.domain.routing import Rules
from reviewhub.common import jobs
from tests.accessibility import assert_accessible
from tests.factories import TESTER, lead, present, project
from tests.world import World, deliveries, lively_project

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = [(theme, width) for theme in ("light", "dark") for width in (1280, 360)]


def every_page(world: World) -> list[str]:
    slug = world.project.slug
    of_project = [
        "annotations:review",
        "annotations:guideline",
        "annotations:adjudicate",
        "annotations:queue",
        "annotations:items",
        "annotations:routing",
        "annotations:audit",
        "annotations:deliveries",
        "training:overview",
        "training:runs",
        "training:models",
        "training:settings",
    ]
    one_thing = [
        ("training:item", world.item.uid),
        ("training:run", world.active_run.number),
        ("training:run", world.failed_run.number),
        ("training:model", world.candidate.number),
        ("training:run", 999),
    ]
    return [
        *(reverse(name) for name in ("annotations:projects", "annotations:profile")),
        reverse("password_change"),
        *(reverse(name, args=[slug]) for name in of_project),
        reverse("annotations:queue", args=[slug]) + "?state=awaiting_approval",
        *(reverse(name, args=[slug, number]) for name, number in one_thing),
    ]


def show(page: Page, url: str, theme: str, width: int) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)


def fits(page: Page) -> bool:
    """Whether nothing makes the page itself scroll sideways (WCAG 1.4.10)."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("screen", SCREENS, ids="{0[0]}-{0[1]}".format)
def test_every_page(page, live_server, context, log_in, screen):
    world = lively_project(predictions=9)
    deliveries(world.project, "succeeded", "failed", "pending", "sending")
    log_in(context, world.lead)

    for path in every_page(world):
        show(page, live_server.url + path, *screen)
        assert_accessible(page)
        assert fits(page), f"{path} is wider than the screen"

    assert [each for each in page.problems if "404" not in each] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_menus(page, live_server, context, log_in, theme):
    world = lively_project(predictions=9)
    log_in(context, world.lead)
    show(page, live_server.url + f"/p/{world.project.slug}/review", theme, 1280)
    page.wait_for_selector("#workbench:not([aria-busy])")
    for key in ("x", "s", "?"):
        page.keyboard.press(key)
        page.wait_for_selector("dialog:modal")
        assert_accessible(page)
        page.keyboard.press("Escape")
    show(page, live_server.url + f"/p/{world.project.slug}/models/3", theme, 360)
    page.click("text=Promote v3")
    assert_accessible(page)
    page.keyboard.press("Escape")
    for opener in ("[popovertarget=stations]", "[popovertarget=person]"):
        page.click(opener)
        assert_accessible(page)
        page.keyboard.press("Escape")
    assert page.problems == []


@pytest.mark.parametrize("screen", SCREENS, ids="{0[0]}-{0[1]}".format)
def test_what_changed_rules_would_have_done(page, live_server, context, log_in, screen):
    world = lively_project(predictions=9)
    job = request_simulation(
        project=world.project,
        rules=Rules(low_confidence=0.99, small_margin=0.2, audit_rate=0.1),
        days=7,
        actor=TESTER,
        now=present(),
    )
    log_in(context, world.lead)
    path = reverse("annotations:routing", args=[world.project.slug]) + f"?job={job.uid}"
    show(page, live_server.url + path, *screen)
    assert_accessible(page)
    jobs.run_job(job_id=job.pk, clock=present)
    page.wait_for_selector("#simulation .entry-bar")
    page.click("summary")
    assert_accessible(page)
    assert fits(page)
    assert page.problems == []


@pytest.fixture
def demo_report(settings, tmp_path) -> str:
    """Where the report of a demonstration that was played to its end is shown."""
    told = {
        "accuracy_before": 0.41,
        "accuracy_after": 0.834,
        "reviews": 187,
        "seconds": 140.2,
        "gate": {
            "verdict": {"tone": "positive", "word": "promote"},
            "at": "2026-01-01T12:30:00Z",
            "champion": "Model 1",
            "challenger": "Model 2",
            "reasons": ["Better on what is new."],
            "tests": [],
        },
        "story": [{"title": "The line switched", "at": "2026-01-01T12:00:00+00:00"}],
    }
    path = tmp_path / "report.json"
    path.write_text(json.dumps(told))
    settings.REVIEWHUB_DEMO_REPORT = str(path)
    return reverse("demo_report")


def test_the_report_of_a_demonstration(page, live_server, context, log_in, demo_report):
    log_in(context, lead(project()))
    for screen in SCREENS:
        show(page, live_server.url + demo_report, *screen)
        assert "The line switched" in page.inner_text("main")
        assert_accessible(page)
        assert fits(page)
    assert page.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_a_new_project_and_of_nobody(page, live_server, context, log_in, theme):
    show(page, live_server.url + "/login", theme, 360)
    assert_accessible(page)
    page.click("text=Log in >> nth=-1")
    empty = project()
    log_in(context, lead(empty))
    for path in ("", "review", "adjudicate", "queue", "items", "runs", "models", "deliveries"):
        show(page, live_server.url + f"/p/{empty.slug}/{path}", theme, 360)
        assert_accessible(page)
        assert fits(page)
    assert page.problems == []


def test_the_first_tab_stop_leads_past_the_bar_to_the_content(page, live_server, context, log_in):
    empty = project()
    log_in(context, lead(empty))
    page.goto(live_server.url + f"/p/{empty.slug}/queue")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
