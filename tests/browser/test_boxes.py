"""Boxes judged with a pointer, by touch, in rows, and with nothing but the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Review
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.bench import SEEN, all_sent, press, sit_down
from tests.factories import DEFECT, GOOD, reviewer
from tests.kinds import box, boxes_project, drawn, queued_boxes

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = ReviewSpec(approval="lead", blind_share=0.0)
ONE, OTHER = box(score=0.9), box(GOOD, 20, 2, 6, 5)


@pytest.fixture
def parts():
    return boxes_project(review=LATER)


@pytest.fixture
def rita(parts, context, log_in):
    rita = reviewer(parts, "rita")
    log_in(context, rita)
    return rita


@pytest.fixture
def bench(page, live_server, parts, rita):
    """The page, ready to take a pointer: two boxes of the model on 32 x 24 pixels, drawn large."""
    queued_boxes(parts, ONE, OTHER, external_id="two")
    sit_at(page, live_server, parts)
    return page


def sit_at(page: Page, live_server, parts) -> None:
    sit_down(page, live_server, parts)
    page.wait_for_selector(".a9s-annotationlayer", state="attached")


def at(page: Page, x: float, y: float, width: int = 32) -> tuple[float, float]:
    """Where a pixel of the picture is on the screen."""
    frame = page.locator(".boxes-layer").bounding_box()
    assert frame is not None
    scale = frame["width"] / width
    return frame["x"] + x * scale, frame["y"] + y * scale


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=4)
    page.mouse.up()


def follows(page: Page) -> None:
    """What is drawn has followed the picture: it does so in the frame after another size."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def sent(page: Page, *pressed: str) -> None:
    """Press keys that answer or undo, until the server has that."""
    press(page, *pressed)
    all_sent(page)


def keys(page: Page, *pressed: str) -> None:
    for key in pressed:
        page.keyboard.press(key)


def rows(page: Page) -> list[list[float]]:
    """The numbers of the boxes that would be sent."""
    numbers = "[...row.querySelectorAll('input[type=number]')].map(field => Number(field.value))"
    read = f"rows => rows.map(row => {numbers})"
    return page.locator(".box-row:not(.removed)").evaluate_all(read)


def said() -> Review:
    return Review.objects.get()


def placed() -> list[tuple[str, float, float, float, float]]:
    """Label and numbers of the boxes that were stored."""
    answer = said().answer
    assert answer is not None
    return sorted((b["label"], b["x"], b["y"], b["width"], b["height"]) for b in answer["boxes"])


def told(page: Page, words: str) -> None:
    page.wait_for_function("words => announcer.textContent.includes(words)", arg=words)


def test_boxes_are_moved_stretched_and_relabelled_by_keyboard(bench):
    keys(bench, "j", "ArrowRight", "ArrowDown", "Alt+ArrowRight", "Shift+ArrowLeft", "2")
    told(bench, "Box 1, Defect, 11 by 8 at 0, 6, yours.")
    keys(bench, "j", "Alt+Shift+ArrowDown", "ArrowUp", "2")
    told(bench, "Box 2, Defect, 6 by 15 at 20, 1, yours.")

    sent(bench, "Control+Enter")

    assert said().verdict == "corrected"
    assert said().answer == {
        "boxes": drawn(box(DEFECT, 0, 6, 11, 8), box(DEFECT, 20, 1, 6, 15)),
    }
    assert bench.problems == []


def test_a_new_box_is_placed_copied_and_deleted_by_keyboard(bench):
    keys(bench, "1", "b")
    told(bench, "Box 3, Good, 5 by 4 at 14, 10, yours.")
    keys(bench, "ArrowLeft", "Control+d")
    told(bench, "Copied. Box 4, Good, 5 by 4")
    keys(bench, "k", "k", "Delete")
    told(bench, "Box 2 deleted. Box 3")
    copy = rows(bench)[2]

    sent(bench, "a")

    assert said().verdict == "corrected"
    assert placed() == sorted([(DEFECT, 4, 5, 10, 8), (GOOD, 13, 10, 5, 4), (GOOD, *copy)])
    assert copy != [13, 10, 5, 4]
    assert bench.problems == []


def test_accepting_goes_from_box_to_box_and_says_what_the_model_said(bench):
    keys(bench, "m")
    told(bench, "Box 1 accepted. Box 2, Good, 6 by 5 at 20, 2, predicted.")
    keys(bench, "m")
    told(bench, "Box 2 accepted. No box is left to accept.")
    assert bench.locator("g.accepted").count() == 2

    sent(bench, "a")

    assert said().verdict == "confirmed"
    assert said().answer == {"boxes": drawn(ONE, OTHER)}


def test_edits_are_undone_before_answers_and_redone(page, live_server, parts, rita):
    for score in (0.5, 0.6):
        queued_boxes(parts, box(score=score))
    sit_at(page, live_server, parts)
    sent(page, "a")
    page.wait_for_selector(".a9s-annotationlayer", state="attached")

    keys(page, "j", "ArrowRight", "Delete")
    assert rows(page) == []
    keys(page, "Control+z")
    assert rows(page) == [[5, 5, 10, 8]]
    keys(page, "u")
    assert rows(page) == [[4, 5, 10, 8]]
    keys(page, "Control+y", "Control+y")
    assert rows(page) == []
    keys(page, "Control+z", "Control+z")
    assert Review.objects.get().verdict == "confirmed"
    sent(page, "Control+z")

    assert [one.verdict for one in Review.objects.order_by("pk")] == ["confirmed", "undone"]
    assert page.problems == []


def test_boxes_are_drawn_moved_and_resized_with_the_mouse(bench):
    bench.click("[data-action=box_draw]")
    drag(bench, (2, 15), (8, 20))
    told(bench, "Box 3")
    drag(bench, (10, 15), (15, 23))
    bench.click("[data-action=box_draw]")
    bench.mouse.click(*at(bench, 5, 17))
    bench.wait_for_selector(".a9s-shape-handle", state="attached")
    drag(bench, (5, 17), (6, 18))
    drag(bench, (9, 21), (7, 20))

    assert rows(bench)[2:] == [[3, 16, 4, 4], [10, 15, 5, 8]]
    bench.mouse.click(*at(bench, 22, 4))
    bench.click("[data-action=box_delete]")
    sent(bench, "a")

    assert placed() == [(DEFECT, 4, 5, 10, 8), (GOOD, 3, 16, 4, 4), (GOOD, 10, 15, 5, 8)]
    assert bench.problems == []


def test_a_drag_beyond_the_edge_ends_at_the_edge(bench):
    keys(bench, "b")
    drag(bench, (28, 20), (33.5, 26))
    told(bench, "4 by 4 at 28, 20")
    assert rows(bench)[2] == [28, 20, 4, 4]
    assert bench.get_attribute("[data-action=box_draw]", "aria-pressed") == "false"
    sent(bench, "a")
    assert (GOOD, 28, 20, 4, 4) in placed()


def test_the_rows_do_all_that_the_picture_does(bench):
    bench.fill("[name=box_x] >> nth=0", "7")
    assert bench.get_attribute("g.selected .line", "x") == "7"
    bench.select_option("[name=box_label] >> nth=0", GOOD)
    bench.click("[data-row-action=hide] >> nth=0")
    assert bench.locator(".boxes-layer > .drawing g").count() == 1
    bench.click("[data-row-action=accept] >> nth=1")
    bench.click("[data-row-action=duplicate] >> nth=1")
    assert len(rows(bench)) == 3
    bench.click("[data-row-action=remove] >> nth=1")
    assert len(rows(bench)) == 2
    bench.click(".removed [data-row-action=restore]")
    assert len(rows(bench)) == 3
    bench.click("[data-row-action=remove] >> nth=1")
    bench.fill("[name=box_width] >> nth=2", "3")
    bench.press("[name=box_width] >> nth=2", "Enter")
    bench.wait_for_selector("text=1 today")

    ((one, *first), (other, *second)) = placed()
    assert one == other == GOOD
    assert first == [7, 5, 10, 8]
    assert second[2] == 3


def test_wrong_boxes_stay_on_the_page_and_are_told_at_their_row(bench):
    bench.fill("[name=box_width] >> nth=1", "31")
    bench.fill("[name=box_y] >> nth=0", "")
    press_save = "text=Save these boxes"
    bench.click(press_save)

    assert bench.evaluate("document.activeElement.name") == "box_y"
    problems = bench.locator(".box-row .box-problem").all_inner_texts()
    assert problems == [
        "y: expected a number of pixels.",
        "x: the box reaches outside the picture.",
    ]
    assert "Nothing was sent" in bench.inner_text("[data-boxes-problem]")
    assert_accessible_in_both_themes(bench)
    assert not Review.objects.exists()

    bench.fill("[name=box_y] >> nth=0", "0")
    bench.fill("[name=box_width] >> nth=1", "0")
    bench.click(press_save)
    assert "width: expected more than 0." in bench.inner_text("[data-box] >> nth=1")
    bench.fill("[name=box_width] >> nth=1", "12")
    bench.focus("#workbench h1")
    sent(bench, "a")
    assert {box["width"] for box in said().answer["boxes"]} == {10, 12}


def test_nothing_is_sent_where_no_box_was_given(page, live_server, log_in, context):
    blind = boxes_project(review=ReviewSpec(approval="lead", blind_share=1.0))
    log_in(context, reviewer(blind))
    queued_boxes(blind, box())
    sit_at(page, live_server, blind)
    assert page.locator(".boxes-layer > .drawing g").count() == 0
    assert page.locator(".box-row").count() == 0

    keys(page, "a")
    page.wait_for_selector("text=No box was given")
    assert not Review.objects.exists()
    assert_accessible_in_both_themes(page)
    keys(page, "2", "b")
    sent(page, "a")
    assert said().answer == {"boxes": drawn(box(DEFECT, 14, 10, 5, 4))}


def test_a_box_drawn_on_a_zoomed_picture_lies_where_it_was_drawn(bench):
    for _ in range(3):
        bench.keyboard.press("+")
    bench.evaluate("document.querySelector('[data-zoom-frame]').scrollTo(1e6, 1e6)")
    follows(bench)
    left, top = at(bench, 4, 5)
    line = bench.locator(".boxes-layer > .drawing .line").nth(0).bounding_box()
    assert line == pytest.approx(
        {"x": left, "y": top, "width": line["width"], "height": line["height"]}, abs=3
    )
    scrolled = bench.evaluate("document.querySelector('[data-zoom-frame]').scrollLeft")
    bench.click("[data-action=box_draw]")
    drag(bench, (25, 18), (30, 22))
    told(bench, "5 by 4 at 25, 18")
    assert bench.evaluate("document.querySelector('[data-zoom-frame]').scrollLeft") == scrolled
    sent(bench, "a")
    assert {box["x"] for box in said().answer["boxes"]} == {4, 20, 25}


def test_reload_and_undo_bring_edited_boxes_back(page, live_server, parts, rita):
    queued_boxes(parts, box())
    sit_at(page, live_server, parts)
    keys(page, "j", "ArrowRight")
    page.reload()
    page.wait_for_selector(SEEN)
    page.wait_for_selector(".a9s-annotationlayer", state="attached")
    assert rows(page) == [[5, 5, 10, 8]]
    sent(page, "a")
    assert said().answer["boxes"][0]["x"] == 5
    sent(page, "u")
    page.wait_for_selector(".a9s-annotationlayer", state="attached")
    assert rows(page) == [[5, 5, 10, 8]]
    keys(page, "Control+z")
    assert rows(page) == [[4, 5, 10, 8]]
