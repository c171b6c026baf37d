"""axe in every state of the bench: each kind, both themes, wide and narrow, and at high zoom.

A state is brought about once and looked at in both themes and widths. What is exhaustive in
languages and in kinds is marked slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.models import GuidelineReading, Review, User
from tests.accessibility import assert_holds, fits
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    cut_off,
    press,
    sit_down,
    sit_down_with_items_ahead,
    stored,
)
from tests.factories import DEFECT, GOOD, TESTER, present, project, queued, reviewer
from tests.kinds import box, boxes_project, queued_boxes, queued_text, texts_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from annotations.models import Project

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

KINDS = ["classes", "boxes", "texts"]
SEEING = ReviewSpec(approval="lead", blind_share=0.0)
BLIND = ReviewSpec(approval="lead", blind_share=1.0)
DIALOGS = ("unusable", "skip", "comment", "lead")
ZOOMED = {"150 %": (853, 600), "200 %": (640, 450), "400 %": (320, 225)}
"""What is left of 1280 by 900 pixels when somebody zooms."""

HIDDEN_FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const box = at.getBoundingClientRect();
  const seen = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.1], [0.5, 0.9]].some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (at.contains(top) || top.contains(at));
  });
  return seen ? null : at.outerHTML.slice(0, 120);
}"""


def of_kind(kind: str, review: ReviewSpec) -> Project:
    if kind == "boxes":
        of = boxes_project("work", review=review)
        for number in range(4):
            two = box(score=0.9), box(GOOD, 20, 2, 6, 5)
            queued_boxes(of, *two, external_id=f"part-{number}")
    elif kind == "texts":
        of = texts_project("work", review=review)
        for number in range(4):
            queued_text(of, f"Parcel {number} is late. " * 40, external_id=f"mail-{number}")
    else:
        of = project("work", review=review)
        for number in range(4):
            queued(of, external_id=f"cell-{number}", label=DEFECT)
    return of


@pytest.fixture
def rita(context, log_in) -> Callable[[Project], User]:
    """Make her a reviewer of a project, in the browser of this test."""

    def make(of: Project, **fields: str) -> User:
        person = reviewer(of, "rita")
        User.objects.filter(pk=person.pk).update(**fields)
        log_in(context, person)
        return person

    return make


def opens_each_dialog(page: Page) -> None:
    assert_holds(page)
    for action in DIALOGS:
        page.click(f"#bench [data-action={action}]")
        page.wait_for_selector("dialog:modal")
        assert_holds(page)
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.wait_for_selector("#keys-help:modal")
    assert_holds(page)
    page.keyboard.press("Escape")
    assert not Review.objects.exists(), "looking at dialogs answers nothing"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_and_each_dialog(page, live_server, rita, kind):
    of = of_kind(kind, SEEING)
    rita(of)
    sit_down(page, live_server, of)
    opens_each_dialog(page)
    assert page.problems == []


@pytest.mark.parametrize("language", ["ar-xb", "de", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_and_each_dialog_in_other_languages(page, live_server, rita, kind, language):
    of = of_kind(kind, SEEING)
    rita(of, language=language)
    sit_down(page, live_server, of)
    direction = "rtl" if language == "ar-xb" else "ltr"
    assert page.evaluate("getComputedStyle(document.body).direction") == direction
    opens_each_dialog(page)
    if kind != "texts":
        page.click(".viewer-bar summary")
        assert_holds(page)
    assert page.problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_blind(page, live_server, rita, kind):
    of = of_kind(kind, BLIND)
    rita(of)
    sit_down(page, live_server, of)
    assert page.query_selector("#bench [data-action=confirm]") is None
    assert_holds(page)
    page.keyboard.press("a")
    assert not Review.objects.exists(), "nothing can be confirmed that nobody has said"
    assert page.problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_loading_offline_waiting_and_empty(page, live_server, context, rita, kind):
    of = of_kind(kind, SEEING)
    rita(of)
    page.route("**/media/**", lambda route: None)
    path = reverse("annotations:review", args=[of.slug])
    page.goto(live_server.url + path, wait_until="domcontentloaded")
    if kind != "texts":
        page.wait_for_selector("#workbench[aria-busy]")
    assert_holds(page)
    page.unroute("**/media/**")

    sit_down_with_items_ahead(page, live_server, of)
    if kind == "boxes":
        page.wait_for_selector(".a9s-annotationlayer", state="attached")
    cut_off(context)
    page.wait_for_selector("#bench-status >> text=No connection")
    for _ in range(4):
        press(page, "a")
    page.wait_for_selector("#unsent >> text=4 unsent")
    assert "Waiting for the next item" in page.inner_text("#bench h1")
    assert_holds(page)
    assert not Review.objects.exists()
    context.set_offline(False)
    page.wait_for_selector("text=Nothing is waiting for you")
    page.wait_for_selector(SEEN)
    assert_holds(page)
    stored(page, 4)
    assert {verdict for _, verdict, _ in answers()} == {"confirmed"}


TOLD = {
    "unkept": "it may have been taken back, or not",
    "unsure": "yours may have been stored, or not",
    "logged-out": "You are logged out",
    "unreached": "The server does not answer",
    "elsewhere": "in another tab",
    "gone": "no longer yours",
}


def test_every_notice(page, live_server, rita):
    """What brings them about is tested elsewhere; here the bench is told."""
    of = of_kind("classes", SEEING)
    rita(of)
    for name, words in TOLD.items():
        # What the server says of the items ahead would take the notice back.
        sit_down_with_items_ahead(page, live_server, of)
        page.evaluate("name => document.dispatchEvent(new CustomEvent(`bench:${name}`))", name)
        page.wait_for_selector(f"#bench-status >> text={words}")
        assert_holds(page)
        page.keyboard.press("Escape")
    sit_down(page, live_server, of)
    page.evaluate(
        """() => document.dispatchEvent(new CustomEvent("bench:problem", {detail: {
          title: "It has been used", detail: "The answer went into a data set.",
          where: [{label: "Data set c0ffee", url: "/"}], reopen_url: "/"}}))"""
    )
    page.wait_for_selector("#failure >> text=Re-open the item")
    assert_holds(page)
    assert not Review.objects.exists()


def test_full_screen_and_tools(page, live_server, rita):
    of = of_kind("classes", SEEING)
    rita(of)
    sit_down(page, live_server, of)
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.click(".viewer-bar summary")
    assert_holds(page)
    page.locator("#bench [data-action=confirm]").scroll_into_view_if_needed()
    page.click("#bench [data-action=confirm]")
    stored(page, 1)


def test_boxes_in_every_state(page, live_server, rita):
    of = of_kind("boxes", SEEING)
    rita(of)
    sit_down(page, live_server, of)
    page.wait_for_selector(".a9s-annotationlayer", state="attached")
    for key in ("d", "Escape", "j", "m", "Shift+h", "h", "h", "b", "Delete", "j", "Delete"):
        page.keyboard.press(key)
        if key != "Escape":
            assert_holds(page, widths=[1280])
    page.fill("[name=box_width] >> nth=1", "99")
    page.wait_for_selector(".box-row .box-problem:visible")
    page.keyboard.press("Control+Enter")
    assert_holds(page)
    assert not Review.objects.exists(), "wrong boxes are not sent"
    assert page.problems == []


def test_a_guideline_that_changes_in_between_is_read_before_the_next_new_item(
    page, live_server, rita
):
    of = of_kind("classes", SEEING)
    acknowledge_guideline(project=of, user=rita(of), number=1, now=present())
    sit_down_with_items_ahead(page, live_server, of)
    labels = (LabelSpec(GOOD, "Good"), LabelSpec(DEFECT, "Defect", guideline="A crack."))
    spec = TaxonomySpec(labels=labels, guidelines="Look three times.")
    revise_taxonomy(project=of, spec=spec, actor=TESTER, now=present())
    for number in range(4, 8):
        queued(of, external_id=f"cell-{number}", label=DEFECT)

    given = 0
    while "The guideline has changed" not in page.inner_text("#bench h1"):
        press(page, "a")
        given += 1
        assert given < 8
    all_sent(page)
    assert_holds(page)
    assert Review.objects.filter(effective=True).count() == given
    assert not GuidelineReading.objects.filter(taxonomy__number=2).exists()
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Look three times.")
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    press(page, "a")
    stored(page, given + 1)
    assert GuidelineReading.objects.filter(taxonomy__number=2).count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_zoomed_in(page, live_server, rita, kind):
    """The object is seen, every action is reached by Tab and seen when it is, and judges."""
    of = of_kind(kind, SEEING)
    rita(of)
    for width, height in ZOOMED.values():
        page.set_viewport_size({"width": width, "height": height})
        sit_down(page, live_server, of)
        assert_holds(page, widths=[width], height=height)
        page.locator(".stage-view").scroll_into_view_if_needed()
        seen = page.locator(".stage-view").bounding_box()
        assert seen is not None
        assert seen["height"] >= 0.4 * height
        assert _reached_by_tab(page) >= {"confirm", "unusable", "skip", "comment", "lead"}
        for action in DIALOGS:
            page.click(f"#bench [data-action={action}]")
            page.wait_for_selector("dialog:modal")
            assert fits(page)
            page.keyboard.press("Escape")
        page.click("#bench [data-action=confirm]")
        page.wait_for_selector(SEEN)
        all_sent(page)
    stored(page, len(ZOOMED))
    assert {verdict for _, verdict, _ in answers()} == {"confirmed"}
    assert page.problems == []


def _reached_by_tab(page: Page) -> set[str]:
    """The actions on which the focus stops on its way through the page, seen each time."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    reached: set[str] = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        hidden = page.evaluate(HIDDEN_FOCUS)
        assert hidden is None, f"the focus is out of sight, at {page.viewport_size}: {hidden}"
        name = page.evaluate(
            "document.activeElement.dataset.action ?? document.activeElement.tagName"
        )
        reached.add(name)
        if name == "BODY":
            break
    return reached


MOVING = """() => [
  ...document.getAnimations().map((one) => one.transitionProperty ?? one.animationName ?? "script"),
  ...[...document.querySelectorAll("*")].filter((each) => {
    const style = getComputedStyle(each);
    const long = (times) => times.split(",").some((time) => parseFloat(time) > 0);
    return long(style.transitionDuration) || long(style.animationDuration)
      || style.scrollBehavior === "smooth";
  }).map((each) => each.outerHTML.slice(0, 80)),
]"""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_for_whoever_asked_for_that(page, live_server, rita, kind):
    of = of_kind(kind, SEEING)
    rita(of)
    page.emulate_media(reduced_motion="reduce")
    sit_down(page, live_server, of)
    assert page.evaluate(MOVING) == []
    page.hover("#bench [data-action=confirm]")
    for key in ("?", "Escape", "x", "Escape", "+", "h"):
        page.keyboard.press(key)
        assert page.evaluate(MOVING) == [], key
    press(page, "a")
    assert page.evaluate(MOVING) == []
    stored(page, 1)
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != [], "the test sees what moves"
