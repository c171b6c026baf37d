"""Texts under judgement: a column one can read, in pages, in the direction of each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.models import QueueEntry
from tests.accessibility import assert_holds
from tests.browser.bench import SEEN, sit_down
from tests.factories import reviewer
from tests.kinds import queued_text, texts_project
from tests.services import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER = ReviewSpec(approval="lead", blind_share=0.0)
LABELS = (
    LabelSpec("fine", "Fine"),
    LabelSpec("complaint", "Complaint", phrases=("money back", "never arrived")),
)
LONG = "\n\n".join(
    f"{number}. The parcel never arrived, and I would like to have my money back at once; it has "
    "been four weeks since I ordered the shoes and nobody answers the telephone at your office."
    for number in range(1, 60)
)
MIXED = "مرحبا، لم يصل طلبي بعد.\nOrder 4711 of May.\nשלום, איפה החבילה?\n123"
ARABIC = {"language": "ar", "channel": "chat"}


@pytest.fixture
def mail():
    return texts_project("mail", labels=LABELS, review=LATER)


@pytest.fixture
def rita(mail, context, log_in):
    rita = reviewer(mail)
    log_in(context, rita)
    return rita


def complaint(mail, text: str, **fields) -> QueueEntry:
    return queued_text(mail, text, label="complaint", **fields)


def lines(page: Page) -> list[dict]:
    """Each line as it is painted: its letters, and where it begins and ends in its column."""
    return page.evaluate(
        """() => {
          const words = document.querySelector(".words");
          const box = words.getBoundingClientRect();
          const found = new Map();
          const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            for (let at = 0; at < walker.currentNode.length; at += 1) {
              const range = document.createRange();
              range.setStart(walker.currentNode, at);
              range.setEnd(walker.currentNode, at + 1);
              const [rect] = range.getClientRects();
              if (!rect?.width) continue;
              const key = Math.round((rect.top + rect.bottom) / 20);
              const line = found.get(key) ?? {letters: 0, left: Infinity, right: Infinity};
              line.letters += 1;
              line.left = Math.min(line.left, rect.left - box.left);
              line.right = Math.min(line.right, box.right - rect.right);
              found.set(key, line);
            }
          }
          return [...found.values()];
        }"""
    )


def page_said(page: Page) -> str:
    return page.inner_text("[data-pages-bar] output")


def test_no_line_has_more_than_seventy_letters(page, live_server, mail, rita):
    complaint(mail, LONG[:900], slices={"language": "en", "channel": "e-mail"})
    sit_down(page, live_server, mail)

    assert 40 < max(line["letters"] for line in lines(page)) <= 70
    shown = page.inner_text(".sheet")
    assert "language: English (en)" in shown
    assert "channel: e-mail" in shown
    assert page.get_attribute(".words", "lang") == "en"


def test_each_line_has_the_direction_of_its_own_first_letter(page, live_server, mail, rita):
    complaint(mail, MIXED, slices=ARABIC)
    sit_down(page, live_server, mail)

    arabic, english, hebrew, _ = lines(page)

    assert arabic["right"] < 2 < arabic["left"]
    assert english["left"] < 2 < english["right"]
    assert hebrew["right"] < 2 < hebrew["left"]
    assert page.inner_text(".words") == MIXED


def test_a_long_text_is_read_in_pages(page, live_server, mail, rita):
    complaint(mail, LONG)
    sit_down(page, live_server, mail)
    pages = int(page_said(page).split()[-1])
    assert pages > 3
    assert page_said(page) == f"Page 1 of {pages}"
    top = "document.querySelector('[data-pages]').scrollTop"
    line = page.evaluate(
        "parseFloat(getComputedStyle(document.querySelector('.words')).lineHeight)"
    )

    page.keyboard.press(".")

    assert page_said(page) == f"Page 2 of {pages}"
    step = page.evaluate(top)
    height = page.evaluate("document.querySelector('[data-pages]').clientHeight")
    assert step / line == pytest.approx(round(step / line), abs=0.05)
    assert height - 2 * line - 1 <= step <= height - line
    page.keyboard.press(",")
    assert page_said(page) == f"Page 1 of {pages}"
    for _ in range(pages + 2):
        page.keyboard.press(".")
    assert page_said(page) == f"Page {pages} of {pages}"
    last = page.evaluate("document.querySelector('.words').getBoundingClientRect().bottom")
    assert last <= page.evaluate("innerHeight")
    assert page.is_disabled("[data-page='1']")
    page.click("[data-page='-1']")
    assert page_said(page) == f"Page {pages - 1} of {pages}"
    assert page.problems == []


def test_a_short_text_has_no_pages(page, live_server, mail, rita):
    complaint(mail, "Hello")
    sit_down(page, live_server, mail)
    assert not page.is_visible("[data-pages-bar]")


def test_a_long_text_is_there_without_a_script(new_profile, live_server, log_in):
    profile = new_profile(java_script_enabled=False)
    plain = profile.new_page()
    mail = texts_project("mail", labels=LABELS, review=LATER)
    complaint(mail, LONG)
    log_in(profile, reviewer(mail))
    plain.goto(live_server.url + reverse("annotations:review", args=["mail"]))

    assert not plain.is_visible("[data-pages-bar]")
    assert plain.inner_text(".words").endswith(LONG[-40:])
    plain.focus("[data-pages]")

    def at_the_end() -> bool:
        plain.keyboard.press("End")
        return plain.evaluate("document.querySelector('[data-pages]').scrollTop > 100")

    wait_until(at_the_end, what="the end key scrolls")


def test_words_that_speak_for_the_predicted_label_are_marked(page, live_server, mail, rita):
    complaint(mail, "It NEVER  arrived.\nI want my money\nback, not a moneybackpack.")
    sit_down(page, live_server, mail)

    assert page.locator(".words mark").all_inner_texts() == ["NEVER  arrived", "money\nback"]
    assert "words that speak for Complaint" in page.inner_text(".sheet")
    style = "getComputedStyle(document.querySelector('.words mark'))"
    assert page.evaluate(f"{style}.textDecorationLine") == "underline"


def test_nothing_is_marked_where_another_label_is_predicted_or_the_entry_is_blind(
    page, live_server, mail, rita
):
    entry = queued_text(mail, "It never arrived.", label="fine")
    sit_down(page, live_server, mail)
    assert page.locator("mark").count() == 0

    QueueEntry.objects.filter(pk=entry.pk).update(predicted_key="complaint", blind=True)
    page.reload()

    assert page.inner_text(".words") == "It never arrived."
    assert page.locator("mark").count() == 0
    QueueEntry.objects.filter(pk=entry.pk).update(blind=False)
    page.reload()
    assert page.locator(".words mark").count() == 1


@pytest.mark.usefixtures("rita")
def test_everybody_can_read_it(page, live_server, mail):
    complaint(mail, LONG + "\n\n" + MIXED, slices=ARABIC)
    page.goto(live_server.url + reverse("annotations:review", args=["mail"]))
    page.wait_for_selector(SEEN)
    assert_holds(page)
    assert page.problems == []
