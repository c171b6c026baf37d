"""WCAG 2.2 A and AA on every page, in both themes, on a wide and on a narrow screen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.urls import reverse

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.actions.add_member import add_member
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.request_simulation import request_simulation
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.routing import Rules
from annotations.models import Annotation, Project, QueueEntry, User
from reviewhub.common import jobs
from tests.accessibility import (
    THEMES,
    WIDTHS,
    assert_accessible_in_both_themes,
    assert_holds,
)
from tests.browser.bench import SEEN
from tests.browser.pages import opens
from tests.factories import DEFECT, GOOD, TESTER, lead, present, project
from tests.grids import grid_project
from tests.grids import waiting as entries_waiting
from tests.kinds import answered
from tests.security.test_every_url import RULES
from tests.training.builders import snapshot
from tests.world import World, deliveries, lively_project
from training.models import SnapshotMember

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENS = [(theme, width) for theme in THEMES for width in WIDTHS]

NOT_PAGES = {
    "livez": "words for a probe",
    "readyz": "words for a probe",
    "metrics": "figures for Prometheus",
    "api_schema": "JSON",
    "guide_picture": "a picture",
    "annotations:session": "JSON",
    "annotations:ahead": "JSON",
    "annotations:media": "a picture",
    "annotations:simulation-changes": "a table to keep",
}
"""Addresses that a GET opens, but no page; all that begin with `api-` are JSON or files too."""


@dataclass(frozen=True)
class Site:
    """What there is to look at; `lena` leads all of it."""

    world: World
    lena: User
    grids: Project
    changed: Project
    """Its guideline has changed since she read it."""
    used: UUID
    """An answer of hers that went into a data set."""
    report: str

    def of(self, name: str, *more: object) -> str:
        return reverse(name, args=[self.world.project.slug, *more])


PAGES: dict[str, Callable[[Site], list[str]]] = {
    "login": lambda site: [],  # in a test of its own: whoever is logged in is sent on
    "password_change": lambda site: [reverse("password_change")],
    "password_change_done": lambda site: [reverse("password_change_done")],
    "guide": lambda site: [reverse("guide")],
    "demo_report": lambda site: [site.report],
    "api_docs": lambda site: [reverse("api_docs")],
    "annotations:projects": lambda site: [reverse("annotations:projects")],
    "annotations:profile": lambda site: [reverse("annotations:profile")],
    "annotations:keys": lambda site: [reverse("annotations:keys")],
    "annotations:review": lambda site: [
        site.of("annotations:review"),
        reverse("annotations:review", args=[site.changed.slug]),
    ],
    "annotations:reopen": lambda site: [site.of("annotations:reopen", site.used)],
    "annotations:mine": lambda site: [
        site.of("annotations:mine"),
        site.of("annotations:mine") + "?q=nothing-like-it",
    ],
    "annotations:grids": lambda site: [reverse("annotations:grids", args=[site.grids.slug])],
    "annotations:grid": lambda site: [reverse("annotations:grid", args=[site.grids.slug, GOOD])],
    "annotations:guideline": lambda site: [site.of("annotations:guideline")],
    "annotations:adjudicate": lambda site: [site.of("annotations:adjudicate")],
    "annotations:queue": lambda site: [
        site.of("annotations:queue"),
        site.of("annotations:queue") + "?state=awaiting_approval",
    ],
    "annotations:items": lambda site: [site.of("annotations:items")],
    "annotations:jobs": lambda site: [site.of("annotations:jobs")],
    "annotations:routing": lambda site: [site.of("annotations:routing")],
    "annotations:audit": lambda site: [site.of("annotations:audit")],
    "annotations:deliveries": lambda site: [site.of("annotations:deliveries")],
    "training:overview": lambda site: [site.of("training:overview")],
    "training:item": lambda site: [site.of("training:item", site.world.item.uid)],
    "training:runs": lambda site: [site.of("training:runs")],
    "training:run": lambda site: [
        site.of("training:run", site.world.active_run.number),
        site.of("training:run", site.world.failed_run.number),
        site.of("training:run", 999),
    ],
    "training:models": lambda site: [site.of("training:models")],
    "training:model": lambda site: [site.of("training:model", site.world.candidate.number)],
    "training:settings": lambda site: [site.of("training:settings")],
}
PARTS = {
    "people": ("login", "password", "guide", "demo", "api", "annotations:p", "annotations:k"),
    "work": ("annotations:r", "annotations:m", "annotations:g"),
    "queue": tuple(f"annotations:{letter}" for letter in "aqijd"),
    "training": ("training:",),
}
"""The pages in shares of about one length, so that several processes look at them."""


def test_every_page_is_looked_at() -> None:
    opened = {name for name, rules in RULES.items() if "get" in {each.method for each in rules}}
    expected = {name for name in opened - set(NOT_PAGES) if ":api-" not in name}
    assert expected - set(PAGES) == set(), "write a line in PAGES for these"
    assert set(PAGES) - expected == set(), "these pages are gone"
    shares = [[name for name in PAGES if name.startswith(begins)] for begins in PARTS.values()]
    assert sorted(name for share in shares for name in share) == sorted(PAGES)


@pytest.fixture
def site(settings, tmp_path, context, log_in) -> Site:
    """The browser of this test has Lena's session."""
    world = lively_project(predictions=12)
    deliveries(world.project, "succeeded", "failed", "pending", "sending")
    lena = world.lead
    log_in(context, lena)
    request_simulation(project=world.project, rules=Rules(), days=7, actor=TESTER, now=present())
    return Site(
        world=world,
        lena=lena,
        grids=_of_hers(grid_project("many"), lena, waiting=12),
        changed=_changed(_of_hers(project("changed", guidelines="Look twice."), lena), lena),
        used=_used_answer(world.project, lena),
        report=_report(settings, tmp_path),
    )


def _of_hers(of: Project, lena: User, *, waiting: int = 0) -> Project:
    add_member(project=of, user=lena, role="lead", actor=TESTER, now=present())
    if waiting:
        entries_waiting(of, waiting)
    return of


def _changed(of: Project, lena: User) -> Project:
    acknowledge_guideline(project=of, user=lena, number=1, now=present())
    labels = (LabelSpec(GOOD, "Good"), LabelSpec(DEFECT, "Defect", guideline="A crack."))
    spec = TaxonomySpec(labels=labels, guidelines="Look three times.")
    revise_taxonomy(project=of, spec=spec, actor=TESTER, now=present())
    return of


def _used_answer(of: Project, lena: User) -> UUID:
    entry = QueueEntry.objects.filter(project=of, state="awaiting_review").earliest("pk")
    given = answered(of, entry, lena, "label", label_key=GOOD)
    annotation = Annotation.objects.get(entry=entry)
    other = lead(of)
    approve_annotation(project=of, annotation_uid=annotation.uid, lead=other, now=present())
    SnapshotMember.objects.create(
        snapshot=snapshot(of), annotation=annotation, fold="learn", recent=False
    )
    return given.uid


def _report(settings, folder: Path) -> str:
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
    path = folder / "report.json"
    path.write_text(json.dumps(told))
    settings.REVIEWHUB_DEMO_REPORT = str(path)
    return reverse("demo_report")


def show(page: Page, url: str, theme: str, width: int) -> None:
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)


SLOWLY = [pytest.param(each, marks=pytest.mark.slow) for each in ("de", "ar-xb")]


@pytest.mark.parametrize("language", ["en", *SLOWLY])
@pytest.mark.parametrize("part", PARTS)
def test_every_page(page, live_server, site, part, language):
    User.objects.filter(pk=site.lena.pk).update(language=language)
    names = [name for name in PAGES if name.startswith(PARTS[part])]
    for path in [path for name in names for path in PAGES[name](site)]:
        answer = page.goto(live_server.url + path)
        assert answer.status == (404 if path.endswith("/999") else 200), path
        assert_holds(page)

    assert [each for each in page.problems if "404" not in each] == []


def test_dialogs_and_menus(page, live_server, context, log_in):
    world = lively_project(predictions=9)
    log_in(context, world.lead)
    show(page, live_server.url + f"/p/{world.project.slug}/review", "light", 1280)
    page.wait_for_selector(SEEN)
    for key in ("x", "s", "?"):
        page.keyboard.press(key)
        page.wait_for_selector("dialog:modal")
        assert_accessible_in_both_themes(page)
        page.keyboard.press("Escape")
    show(page, live_server.url + f"/p/{world.project.slug}/models/3", "light", 320)
    page.click("text=Promote v3")
    assert_accessible_in_both_themes(page)
    page.keyboard.press("Escape")
    for opener in ("[popovertarget=stations]", "[popovertarget=person]"):
        page.click(opener)
        assert_accessible_in_both_themes(page)
        page.keyboard.press("Escape")
    assert page.problems == []


def test_what_changed_rules_would_have_done(page, live_server, context, log_in):
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
    show(page, live_server.url + path, "light", 1280)
    assert_holds(page)
    jobs.run_job(job_id=job.pk, clock=present)
    page.wait_for_selector("#simulation .entry-bar")
    page.click("summary")
    assert_holds(page)
    assert page.problems == []


def test_the_pages_of_nobody(page, live_server, context, log_in):
    """Login, what it says to a wrong password, and the page after the logout."""
    page.goto(live_server.url + "/login")
    assert_holds(page)
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "nothing")
    opens(page, "button[type=submit]")
    page.wait_for_selector("main .notice.error:visible")
    assert_holds(page)
    cells = project()
    log_in(context, lead(cells))
    page.goto(live_server.url + reverse("annotations:profile"))
    page.click("[popovertarget=person]")
    opens(page, "#person button:has-text('Log out')")
    page.wait_for_selector("h1:has-text('Logged out')")
    assert_holds(page)
    assert page.problems == []


def test_pages_of_a_new_project(page, live_server, context, log_in):
    empty = project()
    log_in(context, lead(empty))
    pages = "review adjudicate queue items jobs runs models deliveries mine grid guideline"
    for path in ["", *pages.split()]:
        page.goto(live_server.url + f"/p/{empty.slug}/{path}")
        assert_holds(page, widths=[320])
    assert page.problems == []


def test_the_first_tab_stop_leads_past_the_bar_to_the_content(page, live_server, context, log_in):
    empty = project()
    log_in(context, lead(empty))
    page.goto(live_server.url + f"/p/{empty.slug}/queue")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")

    page.wait_for_function("document.activeElement.id === 'main'")
