"""Every action of the keymap, played on each kind by keys, by mouse and by touch.

A new action belongs to the walk of at least one kind, or the test of that kind names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotations.domain.keymap import ACTIONS, resolved, split
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Comment, Project, QueueEntry, Review
from tests.browser.bench import SEEN, all_sent, moved_on_from, shown, sit_down_with_items_ahead
from tests.factories import DEFECT, GOOD, project, queued, reviewer
from tests.kinds import box, boxes_project, drawn, queued_boxes, queued_text, texts_project
from tests.services import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATER = ReviewSpec(approval="lead", blind_share=0.0)
KEYS = {name: split(keys)[0] for name, keys in resolved({}).items()}
PRESSED = {"comma": ",", "ctrl": "Control", "enter": "Enter", "delete": "Delete"}
PRINTED_BY_ITS_SIGN = {"zoom_in", "zoom_out"}
ONE, OTHER = box(score=0.9), box(GOOD, 20, 2, 6, 5)
LONG = "The parcel came late, and broken. " * 400

READING = {"next_page", "previous_page"}
OF_BOXES = {each.name for each in ACTIONS if each.group == "Boxes"} | {"nothing"}
LOOKING = {each.name for each in ACTIONS if each.group == "See"} - READING
OF_ALL = {each.name for each in ACTIONS} - READING - OF_BOXES - LOOKING
PLAYED = {
    "classes": OF_ALL | LOOKING,
    "boxes": OF_ALL | LOOKING | OF_BOXES,
    "texts": OF_ALL | READING,
}


class Hands:
    """Somebody who reaches every action by one way alone, and remembers which."""

    def __init__(self, page: Page, way: str) -> None:
        self.page = page
        self.way = way
        self.done: set[str] = set()

    def does(self, action: str) -> None:
        """By its key, or by the button on which that key is printed."""
        self.done.add(action)
        if self.way == "keys":
            parts = KEYS[action].split("+") if len(KEYS[action]) > 1 else [KEYS[action]]
            self.page.keyboard.press("+".join(PRESSED.get(part, part.title()) for part in parts))
        elif action == "take_back":  # the bar has room for one undo; whoever points has the list
            self.hits(self.page.locator("#recent button").first)
        else:
            self.hits(self.button(action))

    def button(self, action: str) -> Locator:
        key = KEYS[action]
        button = self.page.locator(
            f"#bench :is([data-key='{key}'], [data-key^='{key},']):not([disabled])"
        ).first
        if action not in PRINTED_BY_ITS_SIGN:
            assert button.locator("kbd").count() == 1, f"no key is printed on {action}"
        if not button.is_visible():
            self.hits(self.page.locator(".viewer-bar summary"))
        return button

    def hits(self, target: Locator) -> None:
        (target.tap if self.way == "finger" else target.click)()

    def chooses(self, value: str) -> None:
        """A label or a reason, by the digit on its button."""
        button = self.page.locator(f"dialog:modal [value={value}], #bench .labels [value={value}]")
        if self.way == "keys":
            self.page.keyboard.press(button.first.get_attribute("data-key") or "")
        else:
            self.hits(button.first)

    def sends(self, dialog: str, text: str) -> None:
        """What is written into a dialog."""
        self.page.wait_for_selector(f"#{dialog}:modal")
        if self.way == "keys":
            self.page.keyboard.type(text)
            self.page.keyboard.press("Control+Enter")
        else:
            self.page.fill(f"#{dialog} textarea", text)
            self.hits(self.page.locator(f"#{dialog} .primary"))


@pytest.fixture
def finger(new_profile: Callable[..., BrowserContext]) -> Page:
    """A telephone held upright."""
    upright = {"width": 360, "height": 740}
    return new_profile(has_touch=True, is_mobile=True, viewport=upright).new_page()


def of_kind(kind: str, slug: str = "work") -> Project:
    """Nine items: one for each answer of the walk, and one that is still there at its end."""
    if kind == "boxes":
        of = boxes_project(slug, review=LATER)
        for number in range(9):
            queued_boxes(of, {**ONE, "score": 0.5 + number / 20}, OTHER)
    elif kind == "texts":
        of = texts_project(slug, review=LATER)
        for number in range(9):
            queued_text(of, f"Parcel {number}. {LONG}", confidence=0.5 + number / 20)
    else:
        of = project(slug, review=LATER)
        for number in range(9):
            queued(of, label=DEFECT, confidence=0.5 + number / 20)
    return of


@pytest.mark.parametrize(
    "way", ["keys", *(pytest.param(way, marks=pytest.mark.slow) for way in ("mouse", "finger"))]
)
@pytest.mark.parametrize("kind", PLAYED)
def test_every_action(request, live_server, log_in, kind: str, way: str):
    page: Page = request.getfixturevalue("finger" if way == "finger" else "page")
    of = of_kind(kind)
    log_in(page.context, reviewer(of, "rita"))
    sit_down_with_items_ahead(page, live_server, of)
    hands = Hands(page, way)

    if kind == "texts":
        _turns_pages(hands)
    else:
        _looks(hands)
    judged = _judges(hands, "boxes" if kind == "boxes" else "label")
    if kind == "boxes":
        _edits(hands)
        judged += _says_of_boxes(hands)

    all_sent(page)
    assert hands.done == PLAYED[kind], "the walk has left these out"
    said = {
        each.entry.item.external_id: each
        for each in Review.objects.filter(effective=True).select_related("entry__item")
    }
    assert [(said[name].verdict, said[name].reason) for name, _ in judged] == [
        expected for _, expected in judged
    ]
    assert Review.objects.filter(verdict="undone").count() == 2
    assert [each.text for each in Comment.objects.order_by("pk")] == ["Left edge.", "Which is it?"]
    sent = QueueEntry.objects.get(state="awaiting_adjudication")
    assert sent.item.external_id == judged[-1 if kind != "boxes" else 3][0]
    if kind == "boxes":
        _boxes_are_stored([said[name] for name, _ in judged[-2:]])


Judged = list[tuple[str, tuple[str, str]]]


def _answers(hands: Hands, act: Callable[[], object]) -> str:
    """The name of the item that was answered, once the next one may be."""
    hands.page.wait_for_selector(SEEN)
    name = shown(hands.page)
    act()
    moved_on_from(hands.page, name)
    return name


def _judges(hands: Hands, kind: str) -> Judged:
    """Confirm, correct, call unusable, skip, comment, send to the lead, and take back twice."""

    def rejects() -> None:
        hands.does("unusable")
        hands.chooses("other")

    def skips() -> None:
        hands.does("skip")
        hands.chooses("unsure")

    def asks() -> None:
        hands.does("lead")
        hands.sends("lead", "Which is it?")

    page = hands.page
    confirmed = _answers(hands, lambda: hands.does("confirm"))
    rejected = _answers(hands, rejects)
    for undo in ("undo", "take_back"):
        all_sent(page)
        hands.does(undo)
        back = "name => document.querySelector('#bench h1').innerText === name"
        page.wait_for_function(back, arg=rejected)
        assert _answers(hands, rejects) == rejected
    skipped = _answers(hands, skips)
    judged = [
        (confirmed, ("confirmed", "")),
        (rejected, ("rejected", "other")),
        (skipped, ("skipped", "unsure")),
    ]
    hands.does("comment")
    hands.sends("comment", "Left edge.")
    wait_until(Comment.objects.exists)
    page.wait_for_selector("#comment:not(:modal)", state="attached")
    judged.append((_answers(hands, asks), ("skipped", "sent-to-lead")))
    if kind == "label":
        corrected = _answers(hands, lambda: hands.chooses(GOOD))
        judged.insert(0, (corrected, ("corrected", "")))
    return judged


def _looks(hands: Hands) -> None:
    page = hands.page

    def said(action: str, words: str) -> None:
        hands.does(action)
        heard = "words => document.querySelector('[data-view-said]').innerText.includes(words)"
        page.wait_for_function(heard, arg=words)

    said("zoom_in", "150 %")
    said("zoom_out", "100 %")
    hands.does("zoom_in")
    said("fit", "100 %")
    said("rotate", "90")
    said("brighter", "110 %")
    said("darker", "100 %")
    said("contrast", "110 %")
    said("flatten", "100 %")
    said("invert", "Inverted")
    said("plain", "As it came")
    assert page.locator("[data-layers] img").first.evaluate(
        "it => getComputedStyle(it).filter"
    ) in (
        "none",
        "",
    )
    said("keep_zoom", "kept")
    assert page.evaluate("sessionStorage.length") > 0
    said("keep_zoom", "fitted")
    for full in ("true", "false"):
        hands.does("full_screen")
        page.wait_for_function(f"(document.fullscreenElement !== null) === {full}")
    _opens_the_guideline(hands)


def _turns_pages(hands: Hands) -> None:
    for turn, number in (("next_page", 2), ("previous_page", 1)):
        hands.does(turn)
        hands.page.wait_for_selector(f"[data-pages-bar] output:has-text('Page {number} of')")
    _opens_the_guideline(hands)


def _opens_the_guideline(hands: Hands) -> None:
    for opened in ("[open]", ":not([open])"):
        hands.does("guideline")
        hands.page.wait_for_selector(f"[data-guideline]{opened}", state="attached")


def _edits(hands: Hands) -> None:
    """All that is done to boxes before they are sent; one new box stays, and the model's two."""
    page = hands.page
    page.wait_for_selector(".a9s-annotationlayer", state="attached")
    rows, selected = page.locator(".box-row:not(.removed)"), page.locator("[aria-current] legend")

    def told(action: str, words: str) -> None:
        hands.does(action)
        page.wait_for_function("words => announcer.textContent.includes(words)", arg=words)

    told("box_draw", "Every drag draws")
    told("box_draw", "Drags move")
    told("box_next", "Box 1, Defect")
    told("box_previous", "Box 2, Good")
    told("box_hide", "Boxes hidden")
    assert page.locator(".boxes-layer > .drawing g").count() == 0
    told("box_hide", "Boxes shown")
    told("box_hide_one", "hidden")
    assert page.locator(".boxes-layer > .drawing g").count() == 1
    hands.does("box_hide_one")
    page.wait_for_function("document.querySelectorAll('.boxes-layer > .drawing g').length === 2")
    told("box_duplicate", "Copied")
    told("box_delete", "Box 3 deleted")
    told("undo", "Edit undone")
    assert rows.count() == 3
    told("redo", "Edit redone")
    assert rows.count() == 2
    told("box_new", "New box")
    hands.does("box_next")
    page.wait_for_function(
        "() => document.querySelector('[aria-current] [data-number]').innerText === '1'"
    )
    told("box_accept", "Box 1 accepted")
    assert "2" in selected.inner_text()
    told("box_accept_rest", "Boxes accepted: 1")
    assert page.locator("g.accepted").count() == 2


def _says_of_boxes(hands: Hands) -> Judged:
    edited = _answers(hands, lambda: hands.does("save"))
    empty = _answers(hands, lambda: hands.does("nothing"))
    return [(edited, ("corrected", "")), (empty, ("corrected", ""))]


def _boxes_are_stored(said: list[Review]) -> None:
    edited, empty = said
    assert edited.answer is not None
    new = [one for one in edited.answer["boxes"] if one not in drawn(ONE, OTHER)]
    assert [one["label"] for one in new] == [GOOD]
    assert len(edited.answer["boxes"]) == 3
    assert empty.answer == {"boxes": []}


def test_every_action_is_played_on_some_kind() -> None:
    assert set.union(*PLAYED.values()) == {each.name for each in ACTIONS}


def test_buttons_are_large_enough_for_fingers(finger, live_server, log_in):
    for kind in PLAYED:
        of = of_kind(kind, kind)
        log_in(finger.context, reviewer(of, f"rita-{kind}"))
        sit_down_with_items_ahead(finger, live_server, of)
        small = finger.evaluate(
            """() => [...document.querySelectorAll("#bench button, #bench summary, #recent button")]
                .filter((button) => button.checkVisibility())
                .map((button) => [button.textContent.trim(), button.getBoundingClientRect().height])
                .filter(([, height]) => height < 44)"""
        )
        assert small == [], kind
