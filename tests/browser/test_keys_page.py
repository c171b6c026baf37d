"""A person's own keys: chosen on their page, printed on the buttons, found on any keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.actions.add_member import add_member
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Review
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.bench import answering, press, sit_down, sit_down_with_items_ahead, stored
from tests.browser.pages import opens
from tests.factories import DEFECT, GOOD, TESTER, present, project, queued, reviewer
from tests.kinds import box, boxes_project, queued_boxes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = ReviewSpec(approval="lead", blind_share=0.0)
MODAL = "dialog:modal"
ALT, CTRL, SHIFT = 1, 2, 8


@pytest.fixture
def cells():
    return project("cells", review=LATER)


def open_keys(page: Page, live_server) -> None:
    page.goto(live_server.url + reverse("annotations:keys"))


def errors(page: Page, action: str) -> str:
    return page.inner_text(f"#key-{action}-errors")


def strike(page: Page, key: str, code: str, modifiers: int = 0) -> None:
    """A key of any keyboard, by the DevTools protocol: what it prints, and where it lies."""
    session = page.context.new_cdp_session(page)
    event = {"key": key, "code": code, "modifiers": modifiers}
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
    session.detach()


def answers() -> list[tuple[str, str]]:
    return list(Review.objects.order_by("pk").values_list("verdict", "label_key"))


def test_a_key_is_chosen_by_pressing_it(page, live_server, cells, rita):
    queued(cells, label=DEFECT)
    queued(cells, label=GOOD)
    open_keys(page, live_server)
    page.focus("[data-press=key-confirm]")
    page.keyboard.press("Enter")
    assert "Press the key" in page.inner_text("[data-press=key-confirm]")

    page.keyboard.press("Shift+K")

    assert page.input_value("#key-confirm") == "shift+k"
    assert page.inner_text("[data-key-said]") == "Now: Shift+K"
    opens(page, "text=Save keys")
    assert "Keys saved." in page.inner_text("main")
    rita.refresh_from_db()
    assert rita.keymap == {"layout": "right", "keys": {"confirm": "shift+k"}}

    sit_down(page, live_server, cells)
    assert page.inner_text("button:has-text('Confirm') kbd").strip() == "Shift+K"
    page.keyboard.press("a")
    page.keyboard.press("k")
    assert answers() == []
    press(page, "Shift+K")
    stored(page, 1)
    assert [verdict for verdict, _ in answers()] == ["confirmed"]
    page.keyboard.press("?")
    assert "SHIFT+K" in page.inner_text("#keys-help").upper()
    assert page.problems == []


def test_listening_for_a_key_is_no_trap(page, live_server, rita):
    open_keys(page, live_server)
    for leave in ("Escape", "Tab"):
        page.click("[data-press=key-skip]")
        page.keyboard.press(leave)
        assert page.inner_text("[data-press=key-skip]").startswith("Press")
        assert "Press the key" not in page.inner_text("[data-press=key-skip]")
        assert page.input_value("#key-skip") == "s"
    assert page.evaluate("document.activeElement.id") == "key-undo"


def test_conflicts_and_reserved_keys_are_told_at_the_field_and_refused(page, live_server, rita):
    long = [LabelSpec(f"label-{n}", f"Kind {n}") for n in range(11)]
    many = project("many", labels=long, review=LATER)
    add_member(project=many, user=rita, role="reviewer", actor=TESTER, now=present())
    open_keys(page, live_server)
    page.fill("#key-skip", "a")
    page.fill("#key-undo", "Ctrl+W")
    page.fill("#key-comment", "7")
    page.fill("#key-lead", "g")
    page.fill("#key-fit", "q")
    page.fill("#key-rotate", "hyper+r")
    opens(page, "text=Save keys")

    assert errors(page, "skip") == "A is the key of “Confirm”."
    assert errors(page, "undo") == "Ctrl+W belongs to the browser or to every page."
    assert errors(page, "comment") == "7: digits choose labels and reasons."
    assert "stations" in errors(page, "lead")
    assert errors(page, "fit") == "Q chooses the label Kind 9 (Many)."
    assert errors(page, "rotate") == "HYPER+R is not the name of a key."
    assert page.input_value("#key-rotate") == "hyper+r"
    assert page.get_attribute("#key-skip", "aria-invalid") == "true"
    assert_accessible_in_both_themes(page)
    rita.refresh_from_db()
    assert rita.keymap == {}


def test_a_layout_is_chosen_and_everything_goes_back(page, live_server, cells, rita):
    queued(cells)
    open_keys(page, live_server)
    page.check("[name=layout][value=left]")
    opens(page, "text=Use this layout")
    assert page.input_value("#key-unusable") == "r"
    page.fill("#key-skip", "h")
    opens(page, "text=Save keys")
    sit_down(page, live_server, cells)
    page.keyboard.press("w")
    page.keyboard.press("w")
    page.keyboard.press("Shift+W")
    assert page.inner_text("[data-view-said]") == "Zoom 150 %"
    page.keyboard.press("r")
    assert page.inner_text(f"{MODAL} h2") == "Why is it unusable?"

    open_keys(page, live_server)
    opens(page, "text=Back to the shipped keys")

    rita.refresh_from_db()
    assert rita.keymap == {"layout": "left", "keys": {}}
    assert page.input_value("#key-skip") == "s"


def test_keys_are_changed_without_javascript(new_profile, live_server, log_in):
    profile = new_profile(java_script_enabled=False)
    page = profile.new_page()
    cells = project("cells", review=LATER)
    rita = reviewer(cells)
    log_in(profile, rita)
    open_keys(page, live_server)

    assert not page.is_visible("[data-press=key-skip]")
    page.fill("#key-skip", "Shift + O, F2")
    opens(page, "text=Save keys")

    rita.refresh_from_db()
    assert rita.keymap["keys"] == {"skip": "shift+o,f2"}
    page.fill("#key-skip", "")
    opens(page, "text=Save keys")
    rita.refresh_from_db()
    assert rita.keymap == {}


def test_keyboards_of_other_countries_work(page, live_server, cells, rita):
    for number in range(5):
        queued(cells, label=DEFECT, confidence=0.5 + number / 25)
    sit_down_with_items_ahead(page, live_server, cells)
    said = "[data-view-said]"

    strike(page, "ъ", "BracketRight")
    assert page.inner_text(said) == "Brightness 110 %"
    strike(page, "z", "KeyY")
    strike(page, "я", "KeyZ")
    for key, code, modifiers in (("ф", "KeyA", 0), ("α", "KeyA", 0), ("&", "Digit1", 0)):
        with answering(page):
            strike(page, key, code, modifiers)
    stored(page, 3)
    assert answers() == [("confirmed", DEFECT), ("confirmed", DEFECT), ("corrected", GOOD)]

    # A Q where an A lies (French): the letter that is printed counts.
    strike(page, "q", "KeyA")
    page.wait_for_timeout(300)
    assert len(answers()) == 3
    strike(page, "a", "KeyQ")
    stored(page, 4)
    assert page.problems == []


def test_the_keypad_answers_only_while_it_prints_digits(page, live_server, cells, rita):
    queued(cells, label=DEFECT)
    sit_down(page, live_server, cells)
    for _ in range(3):
        page.keyboard.press("+")
    moved = "getComputedStyle(document.querySelector('[data-layers]')).transform"
    before = page.evaluate(moved)
    strike(page, "ArrowDown", "Numpad2")
    assert page.evaluate(moved) != before
    page.wait_for_timeout(300)
    assert page.inner_text("#unsent[data-count='0']")
    assert answers() == []
    strike(page, "2", "Numpad2")
    stored(page, 1)
    assert answers() == [("confirmed", DEFECT)]


def test_a_sign_in_the_row_of_digits_acts_where_the_digit_means_nothing(
    page, live_server, cells, rita
):
    queued(cells, label=DEFECT)
    sit_down(page, live_server, cells)
    said = "[data-view-said]"
    page.keyboard.press("+")
    assert page.inner_text(said) == "Zoom 150 %"
    # Minus on a French keyboard.
    strike(page, "-", "Digit6")
    assert page.inner_text(said) == "Zoom 100 %"
    assert answers() == []
    # Plus on a Czech one, where the first label is; its equals sign zooms.
    strike(page, "=", "Minus")
    assert page.inner_text(said) == "Zoom 150 %"
    strike(page, "+", "Digit1")
    stored(page, 1)
    assert answers() == [("corrected", GOOD)]


def test_a_sign_in_the_row_of_digits_may_be_chosen(page, live_server, cells, rita):
    open_keys(page, live_server)
    page.click("[data-press=key-zoom_out]")
    strike(page, "-", "Digit6")
    assert page.input_value("#key-zoom_out") == "-"
    assert "the digit comes first" in page.inner_text("main")


def test_alt_gr_writes_a_character(page, live_server, cells, rita):
    queued(cells)
    sit_down(page, live_server, cells)
    page.evaluate(
        """() => document.body.dispatchEvent(new KeyboardEvent("keydown", {
          key: "[", code: "Digit8", ctrlKey: true, altKey: true, modifierAltGraph: true,
          bubbles: true, cancelable: true}))"""
    )
    assert page.inner_text("[data-view-said]") == "Brightness 90 %"
    assert answers() == []


def test_single_keys_are_switched_off_with_shift_or_without(page, live_server, cells, rita):
    rita.single_keys, rita.keymap = False, {"layout": "left"}
    rita.save()
    queued(cells)
    sit_down(page, live_server, cells)
    for key in ("a", "1", "w", "Shift+W", "r", "Shift+E", "g"):
        page.keyboard.press(key)
    assert page.inner_text("[data-view-said]") == "Zoom 100 %"
    assert not page.query_selector(MODAL)
    assert answers() == []
    page.focus("#bench h1")
    press(page, "Enter")
    stored(page, 1)


def test_the_letter_of_a_label_wins_over_an_action(page, live_server, context, log_in):
    labels = [LabelSpec(DEFECT, "Defect"), LabelSpec(GOOD, "Good", hotkey="x")]
    cells = project("cells", labels=labels, review=LATER)
    queued(cells, label=DEFECT)
    log_in(context, reviewer(cells))
    sit_down(page, live_server, cells)
    press(page, "x")
    stored(page, 1)
    assert answers() == [("corrected", GOOD)]


def test_keys_do_nothing_while_somebody_types_composes_or_holds_one(
    page, live_server, context, log_in
):
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    log_in(context, reviewer(parts))
    sit_down(page, live_server, parts)

    page.focus("[name=box_x] >> nth=0")
    page.keyboard.press("x")
    page.focus("#bench h1")
    for how in ("isComposing", "repeat"):
        page.evaluate(
            """how => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
              {key: "x", code: "KeyX", bubbles: true, cancelable: true, [how]: true}))""",
            how,
        )
    assert not page.query_selector(MODAL)
    page.keyboard.press("x")
    assert page.query_selector(MODAL)


def test_the_card_is_printed_alone(page, live_server, rita):
    open_keys(page, live_server)
    assert not page.is_visible(".key-card")
    page.emulate_media(media="print")
    assert page.is_visible(".key-card")
    assert not page.is_visible("#key-skip")
    assert not page.is_visible(".topbar")
    assert "Backspace" in page.inner_text(".key-card")
