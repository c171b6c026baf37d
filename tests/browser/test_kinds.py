"""Texts and boxes answered with nothing but the keyboard, and their pages under axe."""

from __future__ import annotations

import pytest
from django.urls import reverse

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Review
from tests.accessibility import assert_holds
from tests.browser.bench import (
    SEEN,
    all_sent,
    bounce,
    press,
    shown,
    sit_down,
    sit_down_with_items_ahead,
    stored,
)
from tests.browser.pages import opens
from tests.factories import DEFECT, GOOD, lead, reviewer
from tests.kinds import (
    answered,
    box,
    boxes_project,
    drawn,
    queued_boxes,
    queued_text,
    texts_project,
)
from tests.services import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = ReviewSpec(approval="lead", blind_share=0.0)
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
ARABIC = "مرحبا، لم يصل طلبي بعد. هل يمكنكم مساعدتي؟"


def test_texts_are_answered_by_keyboard(page, live_server, context, log_in):
    mail = texts_project(review=LATER)
    queued_text(mail, ARABIC, label=DEFECT, confidence=0.5, slices={"language": "ar"})
    queued_text(mail, "Thank you!\n\n  Zoë", label=DEFECT, confidence=0.6)
    queued_text(mail, "?", label=GOOD, confidence=0.7)
    log_in(context, reviewer(mail))
    sit_down(page, live_server, mail)

    keys = {ARABIC: ["a"], "Thank you!\n\n  Zoë": ["1"], "?": ["s", "4"]}
    style = "getComputedStyle(document.querySelector('.words'))"
    direction = {}
    for _ in range(3):
        text = page.inner_text(".words")
        direction[text] = page.evaluate(f"{style}.direction")
        assert page.evaluate(f"{style}.whiteSpace") == "pre-wrap"
        press(page, *keys.pop(text))
    all_sent(page)

    assert (direction[ARABIC], direction["?"]) == ("rtl", "ltr")
    said = {
        review.entry.item.content.text: (review.verdict, review.label_key, review.reason)
        for review in Review.objects.select_related("entry__item__content")
    }
    assert said == {
        ARABIC: ("confirmed", DEFECT, ""),
        "Thank you!\n\n  Zoë": ("corrected", GOOD, ""),
        "?": ("skipped", "", "other-language"),
    }
    assert page.problems == []


def test_boxes_are_confirmed_drawn_and_denied_by_keyboard(page, live_server, context, log_in):
    parts = boxes_project(review=LATER)
    for number in range(3):
        queued_boxes(parts, box(score=0.5 + number / 10), external_id=f"part-{number}")
    log_in(context, reviewer(parts))
    sit_down(page, live_server, parts)
    page.wait_for_selector(".a9s-annotationlayer", state="attached")
    assert page.locator(".drawing .model").count() == 1

    judged = [shown(page)]
    press(page, "a")
    judged.append(shown(page))
    page.focus("[name=box_label]")
    for name in ("accept", "hide", "duplicate", "remove"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.dataset.rowAction") == name
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "box_x"
    page.keyboard.press("Control+a")
    page.keyboard.type("12")
    press(page, "Enter")
    judged.append(shown(page))
    press(page, "n")
    all_sent(page)

    said = list(Review.objects.order_by("pk"))
    assert [one.verdict for one in said] == ["confirmed", "corrected", "corrected"]
    assert [one.answer for one in said] == [
        {"boxes": drawn(box())},
        {"boxes": drawn(box(x=12))},
        {"boxes": []},
    ]
    assert [one.entry.item.external_id for one in said] == judged
    assert page.problems == []


def test_what_was_typed_wrongly_stays_and_is_told_without_a_script(
    new_profile, live_server, log_in
):
    profile = new_profile(java_script_enabled=False)
    plain = profile.new_page()
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    log_in(profile, reviewer(parts))
    plain.goto(live_server.url + reverse("annotations:review", args=[parts.slug]))
    plain.fill("[name=box_width] >> nth=0", "31")
    opens(plain, "text=Save these boxes")

    assert "Box 1 x: Expected a box inside the image" in plain.inner_text("main")
    assert plain.input_value("[name=box_width] >> nth=0") == "31"
    opens(plain, "text=More rows")
    plain.wait_for_selector("legend:has-text('Box 7')")
    assert plain.input_value("[name=box_width] >> nth=0") == "31"
    assert not Review.objects.exists()


def test_boxes_stay_on_their_picture_when_it_is_zoomed(page, live_server, context, log_in):
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    log_in(context, reviewer(parts))
    sit_down(page, live_server, parts)

    def share(selector):
        """Where the left edge lies between the edges of the picture as it is drawn."""
        return page.evaluate(
            """selector => {
              const image = document.querySelector("[data-zoom-frame] img");
              const frame = image.getBoundingClientRect();
              const [across, down] = [image.naturalWidth, image.naturalHeight];
              const scale = Math.min(frame.width / across, frame.height / down);
              const left = frame.left + (frame.width - across * scale) / 2;
              const mark = document.querySelector(selector).getBoundingClientRect();
              return [(mark.left - left) / scale, mark.width / scale];
            }""",
            selector,
        )

    assert share(".drawing .line") == pytest.approx([4, 10], abs=0.5)
    for _ in range(3):
        page.keyboard.press("+")
    wait_until(lambda: share(".drawing .line") == pytest.approx([4, 10], abs=0.5))


def test_pages_of_texts_and_boxes(page, live_server, context, log_in):
    parts, mail = boxes_project(review=TWO), texts_project(review=TWO)
    people = [reviewer(parts), reviewer(parts)]
    dispute = queued_boxes(parts, box(), box(GOOD, 20, 2, 5, 5))
    answered(parts, dispute, people[0], "boxes", boxes=drawn(box(x=9)))
    answered(parts, dispute, people[1], "boxes", boxes=[])
    queued_boxes(parts, box())
    text = queued_text(mail, ARABIC * 20, slices={"language": "ar", "channel": "chat"})
    answered(mail, text, people[0], "confirm")
    answered(mail, text, people[1], "label", label_key=GOOD)
    queued_text(mail, "word " * 900)
    for of, item in ((parts, dispute.item), (mail, text.item)):
        log_in(context, lead(of))
        paths = [
            *(
                reverse(f"annotations:{name}", args=[of.slug])
                for name in ("review", "adjudicate", "queue", "items")
            ),
            reverse("training:item", args=[of.slug, item.uid]),
            reverse("training:runs", args=[of.slug]),
        ]
        for path in paths:
            page.goto(live_server.url + path)
            assert_holds(page)
    assert page.problems == []


def test_boxes_are_drawn_without_a_script(new_profile, live_server, log_in):
    profile = new_profile(java_script_enabled=False)
    plain = profile.new_page()
    parts = boxes_project(review=LATER)
    queued_boxes(parts, box())
    log_in(profile, reviewer(parts))
    plain.goto(live_server.url + reverse("annotations:review", args=[parts.slug]))

    plain.check("[name=box_remove]")
    plain.fill("[name=box_x] >> nth=1", "1")
    plain.fill("[name=box_y] >> nth=1", "2")
    plain.fill("[name=box_width] >> nth=1", "3")
    plain.fill("[name=box_height] >> nth=1", "4")
    plain.select_option("[name=box_label] >> nth=1", DEFECT)
    opens(plain, "text=Save these boxes")

    assert "Saved: 1 box: Defect" in plain.inner_text("main")
    assert Review.objects.get().answer == {"boxes": drawn(box(DEFECT, 1, 2, 3, 4))}


def test_the_bench_waits_for_a_text_no_longer_than_for_a_picture(
    page, live_server, context, log_in
):
    mail = texts_project(review=LATER)
    for _ in range(2):
        queued_text(mail, "Where is my parcel?")
    log_in(context, reviewer(mail))
    sit_down_with_items_ahead(page, live_server, mail)
    bounce(page, "1")
    stored(page, 1)
    all_sent(page)
    page.wait_for_selector(SEEN)
    assert Review.objects.count() == 1
