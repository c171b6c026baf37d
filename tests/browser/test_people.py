"""Comments, the lead, the guideline and one's own work, with nothing but the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.actions.pin_example import pin_example
from annotations.actions.return_to_reviewer import return_to_reviewer
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Annotation, Comment, GuidelineReading, Referral, Review
from tests.accessibility import assert_accessible_in_both_themes, resize
from tests.browser.bench import SEEN, all_sent, press, shown, sit_down, stored, until
from tests.browser.pages import enters, opens
from tests.factories import annotated, lead, present, project, queued, reviewer
from tests.training.builders import snapshot
from training.models import SnapshotMember

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LABELS = (
    LabelSpec("good", "Good", guideline="Nothing that a customer would see."),
    LabelSpec("defect", "Defect", is_positive=True, guideline="A crack, a dent, a missing part."),
)


@pytest.fixture
def cells():
    return project("cells", review=ReviewSpec(grace_seconds=600, blind_share=0.0))


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_a_comment_is_written_and_kept_while_the_item_stays(page, live_server, cells, rita):
    queued(cells, external_id="cell-1")
    sit_down(page, live_server, cells)

    page.keyboard.press("c")
    assert focused(page) == "comment-text"
    assert_accessible_in_both_themes(page)
    page.keyboard.type("a crack at the left edge")
    page.keyboard.press("Control+Enter")

    page.wait_for_selector("[data-comment-said]:has-text('kept with the item')")
    assert shown(page) == "cell-1"
    assert Comment.objects.get().text == "a crack at the left edge"
    assert not Review.objects.exists()
    press(page, "1")
    all_sent(page)
    assert page.problems == []


def test_a_comment_that_the_server_refuses_stays_in_the_dialog(page, live_server, cells, rita):
    queued(cells, external_id="cell-1")
    sit_down(page, live_server, cells)
    page.keyboard.press("c")
    page.fill("#comment-text", "\u2060")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-comment-error]:not([hidden])")
    assert "Say it in words" in page.inner_text("[data-comment-error]")
    assert page.input_value("#comment-text") == "\u2060"
    assert_accessible_in_both_themes(page)


def test_an_item_goes_to_the_lead_and_comes_back_with_an_answer(
    page, live_server, rita, context, log_in
):
    cells = rita.memberships.get().project
    queued(cells, external_id="cell-1", confidence=0.5)
    queued(cells, external_id="cell-2", confidence=0.6)
    sit_down(page, live_server, cells)
    sent = shown(page)

    page.keyboard.press("l")
    assert focused(page) == "lead-text"
    assert_accessible_in_both_themes(page)
    page.keyboard.type("crack or scratch?")
    press(page, "Control+Enter")
    assert shown(page) != sent
    stored(page, 1)
    all_sent(page)
    referral = Referral.objects.get()
    assert (referral.entry.item.external_id, referral.comment.text) == (sent, "crack or scratch?")
    assert referral.entry.state == "awaiting_adjudication"

    lena = lead(cells, "lena")
    log_in(context, lena)
    page.goto(live_server.url + reverse("annotations:adjudicate", args=[cells.slug]))
    assert "crack or scratch?" in page.inner_text("main")
    page.keyboard.press("t")
    assert_accessible_in_both_themes(page)
    page.keyboard.press("Space")
    page.fill("#return-reason", "It is a crack: page 3.")
    page.click("#return button.primary")
    page.wait_for_selector("text=No dispute to settle")

    log_in(context, rita)
    page.goto(live_server.url + reverse("annotations:mine", args=[cells.slug]))
    assert "It is a crack: page 3." in page.inner_text("main")
    assert_accessible_in_both_themes(page)
    page.focus(".returned button")
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    assert shown(page) == sent
    assert "It is a crack: page 3." in page.inner_text(".bench-item")
    assert_accessible_in_both_themes(page)
    press(page, "2")
    all_sent(page)
    until(page, lambda: not Referral.objects.filter(closed_at__isnull=True).exists())
    assert page.problems == []


def test_my_work_is_searched_and_read_by_keyboard(page, live_server, cells, rita):
    for number in range(3):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 10)
    sit_down(page, live_server, cells)
    press(page, "1")
    press(page, "2")
    all_sent(page)
    enters(page, "gw")
    page.wait_for_url("**/mine")
    assert "2 answers" in page.inner_text("main")
    assert_accessible_in_both_themes(page)
    page.keyboard.press("/")
    page.keyboard.type("good")
    page.keyboard.press("Enter")
    page.wait_for_url("**/mine?q=good")
    assert page.locator("tbody tr").count() == 1
    resize(page, 320, 640)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert_accessible_in_both_themes(page)


def test_the_guideline_is_read_by_enter_and_opened_beside_the_item(
    page, live_server, context, log_in
):
    cells = project("cells", labels=LABELS, guidelines="Look at the cell, not at the picture.")
    lena = lead(cells, "lena")
    example = annotated(cells)
    pin_example(project=cells, item_uid=example.uid, label_key="defect", lead=lena, now=present())
    for number in range(2):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 10)
    log_in(context, reviewer(cells, "rita"))
    page.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))
    assert "Look at the cell" in page.inner_text("main")
    assert_accessible_in_both_themes(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    assert GuidelineReading.objects.count() == 1

    assert not page.is_visible("text=A crack, a dent")
    page.keyboard.press("y")
    page.wait_for_selector("text=A crack, a dent")
    page.wait_for_selector(".examples img")
    assert_accessible_in_both_themes(page)
    press(page, "1")
    page.wait_for_selector("text=A crack, a dent")  # what is open stays open
    page.keyboard.press("y")
    assert not page.is_visible("text=A crack, a dent")
    all_sent(page)
    assert page.problems == []


def test_an_answer_that_was_used_is_opened_again_after_a_look_at_where_it_went(
    page, live_server, context, log_in
):
    cells = project("cells", review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    for number in range(2):
        queued(cells, external_id=f"cell-{number}", confidence=0.5 + number / 10)
    log_in(context, reviewer(cells, "rita"))
    sit_down(page, live_server, cells)
    used = shown(page)
    press(page, "1")
    all_sent(page)
    SnapshotMember.objects.create(
        snapshot=snapshot(cells, digest="c0ffee" + "0" * 58),
        annotation=Annotation.objects.get(),
        fold="learn",
        recent=False,
    )
    page.keyboard.press("u")
    page.wait_for_selector("#failure a:has-text('open')")
    opens(page, "#failure a:has-text('open')")
    page.wait_for_selector("text=data set c0ffee")
    assert_accessible_in_both_themes(page)
    page.keyboard.press("Enter")
    page.wait_for_selector(SEEN)
    assert shown(page) == used
    press(page, "2")
    all_sent(page)
    assert Annotation.objects.order_by("-number").first().label_key == "defect"


def test_returning_from_the_items_page_works_without_a_script(
    new_profile, live_server, cells, log_in
):
    rita = reviewer(cells, "rita")
    lena = lead(cells, "lena")
    entry = queued(cells, external_id="cell-1")
    plain = new_profile(java_script_enabled=False)
    page = plain.new_page()
    log_in(plain, rita)
    page.goto(live_server.url + reverse("annotations:review", args=[cells.slug]))
    page.click("[data-action=lead]")
    page.fill("#lead-text", "which?")
    opens(page, "#lead button.primary")
    assert "Sent to the lead" in page.inner_text("main")
    assert Referral.objects.get().entry == entry
    return_to_reviewer(
        project=cells,
        review_uid=Review.objects.get().uid,
        lead=lena,
        text="a crack",
        now=present(),
    )
    page.goto(live_server.url + reverse("annotations:mine", args=[cells.slug]))
    opens(page, ".returned button")
    page.click("[data-action=comment]")
    page.fill("#comment-text", "I see")
    opens(page, "#comment button.primary")
    assert "Your comment is kept" in page.inner_text("main")
