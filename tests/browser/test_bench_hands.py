"""The bench by mouse and by touch, where a label is the answer; boxes have tests of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Comment, QueueEntry, Review
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    moved_on_from,
    shown,
    sit_down_with_items_ahead,
    stored,
)
from tests.factories import DEFECT, GOOD, project, queued, reviewer
from tests.kinds import queued_text, texts_project
from tests.services import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from annotations.models import Project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATER = ReviewSpec(approval="lead", blind_share=0.0)


def cells() -> Project:
    of = project("cells", review=LATER)
    for number in range(6):
        queued(of, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 20)
    return of


def mail() -> Project:
    of = texts_project("mail", review=LATER)
    for number in range(6):
        text = f"Parcel {number} came late and broken."
        queued_text(of, text, external_id=f"mail-{number}", confidence=0.5 + number / 20)
    return of


@pytest.fixture
def finger(browser: Browser) -> Iterator[Page]:
    """A telephone held upright."""
    profile = browser.new_context(
        has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740}
    )
    profile.set_default_timeout(15_000)
    yield profile.new_page()
    profile.close()


@pytest.mark.parametrize("make", [cells, mail])
def test_everything_by_mouse(page, live_server, context, log_in, make: Callable[[], Project]):
    of = make()
    log_in(context, reviewer(of, "rita"))
    _plays(page, live_server, of, page.click)


@pytest.mark.parametrize("make", [cells, mail])
def test_everything_by_touch(finger, live_server, log_in, make: Callable[[], Project]):
    of = make()
    log_in(finger.context, reviewer(of, "rita"))
    _plays(finger, live_server, of, finger.tap)
    small = finger.evaluate(
        """() => [...document.querySelectorAll("#bench button, #recent button")]
            .filter((button) => button.checkVisibility())
            .map((button) => [button.textContent.trim(), button.getBoundingClientRect().height])
            .filter(([, height]) => height < 44)"""
    )
    assert small == []


def _plays(page: Page, live_server, of: Project, press: Callable[[str], None]) -> None:
    """Confirm, correct, call unusable, skip, comment, send to the lead, and take one back."""
    sit_down_with_items_ahead(page, live_server, of)
    judged = []

    def judge(*selectors: str) -> None:
        judged.append(shown(page))
        for selector in selectors:
            press(selector)
        moved_on_from(page, judged[-1])

    judge("#bench [data-action=confirm]")
    judge(f"#bench .labels [value={GOOD}]")
    judge("#bench [data-action=unusable]", "#reject [value=other]")
    judge("#bench [data-action=skip]", "#skip [value=unsure]")
    all_sent(page)
    press("#bench [data-action=undo]")
    page.wait_for_function(
        "name => document.querySelector('#bench h1').innerText === name", arg=judged.pop()
    )
    page.wait_for_selector(SEEN)
    judge(f"#bench .labels [value={DEFECT}]")
    press("#bench [data-action=comment]")
    page.fill("#comment textarea", "Look at the left edge.")
    press("#comment .primary")
    wait_until(lambda: Comment.objects.filter(text="Look at the left edge.").exists())
    press("#bench [data-action=lead]")
    page.fill("#lead textarea", "Which of the two is it?")
    judge("#lead .primary")
    stored(5)

    said = {name: verdict for name, verdict, _ in answers()}
    expected = ["confirmed", "corrected", "rejected", "confirmed", "skipped"]
    assert [said.get(name) for name in judged] == expected
    assert Review.objects.filter(verdict="undone").count() == 1
    sent = QueueEntry.objects.get(item__external_id=judged[4])
    assert sent.state == "awaiting_adjudication"
