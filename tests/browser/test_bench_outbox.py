"""No answer is lost: not by a cut network, a reload, a killed tab, or an answer that got lost."""

from __future__ import annotations

from time import monotonic

import pytest

from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Referral, Review
from tests.accessibility import assert_accessible
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    back_online,
    cut_off,
    is_ahead,
    keeps_nothing,
    moved_on_from,
    press,
    shown,
    sit_down,
    sit_down_with_items_ahead,
    stored,
    unsent,
    until,
)
from tests.factories import DEFECT, GOOD, project, queued

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("interceptable"),
]

ANSWER = "**/review/answer"
ROUNDED = 0.1


@pytest.fixture
def cells():
    return project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))


def some(cells, number: int) -> None:
    for n in range(number):
        queued(cells, external_id=f"cell-{n}", label=DEFECT, confidence=0.5 + n / 25)


def test_ten_answers_with_the_network_gone_in_the_middle(page, live_server, cells, rita):
    some(cells, 10)
    sit_down_with_items_ahead(page, live_server, cells)
    judged = []
    for _ in range(4):
        judged.append(shown(page))
        press(page, "1")
    all_sent(page)
    is_ahead(page)

    cut_off(page.context)
    page.wait_for_selector("#bench-status >> text=No connection")
    for _ in range(4):
        judged.append(shown(page))
        press(page, "2")
    unsent(page, 4)
    assert "Waiting for the next item" in shown(page)
    assert Review.objects.count() == 4

    page.context.set_offline(False)
    moved_on_from(page, "Waiting for the next item")
    for _ in range(2):
        judged.append(shown(page))
        press(page, "a")
    all_sent(page)
    page.wait_for_selector("text=Nothing is waiting for you")

    said = [GOOD] * 4 + [DEFECT] * 6
    assert [(name, key) for name, _, key in answers()] == list(zip(judged, said, strict=True))
    assert len(set(judged)) == 10
    assert page.inner_text("[data-tally=today]") == "10"
    assert not Assignment.objects.filter(state="held").exists()
    assert [each for each in page.problems if "ERR_INTERNET_DISCONNECTED" not in each] == []


def test_a_reload_with_unsent_answers_loses_none_and_shows_none_twice(
    page, live_server, cells, rita
):
    some(cells, 6)
    sit_down_with_items_ahead(page, live_server, cells)
    page.route(ANSWER, lambda route: route.abort())
    first = shown(page)
    press(page, "1")
    second = shown(page)
    press(page, "2")
    third = shown(page)
    unsent(page, 2)
    page.on("dialog", lambda dialog: dialog.accept())

    page.reload()
    page.wait_for_selector(f"#bench h1 >> text={third}")
    unsent(page, 2)
    page.unroute(ANSWER)
    stored(page, 2)
    all_sent(page)

    assert answers() == [(first, "corrected", GOOD), (second, "confirmed", DEFECT)]
    assert shown(page) == third


def test_leaving_with_unsent_answers_warns(page, live_server, cells, rita):
    some(cells, 4)
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(page.context)
    press(page, "1")
    unsent(page, 1)
    page.on("dialog", lambda dialog: dialog.dismiss())

    with page.expect_event("dialog") as asked:
        page.evaluate("location.assign('/')")

    assert asked.value.type == "beforeunload"
    assert "/review" in page.url
    page.context.set_offline(False)
    stored(page, 1)


def test_a_tab_that_was_killed_has_its_answers_sent_by_the_next(
    context, page, live_server, cells, rita
):
    some(cells, 6)
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(context)
    judged = [shown(page)]
    press(page, "1")
    judged.append(shown(page))
    press(page, "1")
    unsent(page, 2)
    page.close(run_before_unload=False)
    context.set_offline(False)
    assert Review.objects.count() == 0

    again = context.new_page()
    sit_down(again, live_server, cells)
    stored(again, 2)
    all_sent(again)

    assert [name for name, *_ in answers()] == judged
    assert shown(again) not in judged


def test_an_answer_whose_receipt_got_lost_counts_once(page, live_server, cells, rita):
    some(cells, 4)
    sit_down_with_items_ahead(page, live_server, cells)
    lost = []

    def lose(route):
        route.fetch()
        lost.append(route.request.headers["idempotency-key"])
        route.abort()

    page.route(ANSWER, lose, times=1)
    press(page, "1")
    until(page, lambda: Review.objects.count() == 1)
    all_sent(page)

    assert [str(review.token) for review in Review.objects.all()] == lost
    assert page.inner_text("[data-tally=today]") == "1"


def test_a_server_that_fails_is_asked_again_and_order_is_kept(page, live_server, cells, rita):
    some(cells, 5)
    sit_down_with_items_ahead(page, live_server, cells)
    page.route(ANSWER, lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}))
    judged = []
    for _ in range(3):
        judged.append(shown(page))
        press(page, "1")
    unsent(page, 3)
    page.wait_for_selector("#bench-status >> text=The server does not answer")

    page.unroute(ANSWER)
    stored(page, 3)
    all_sent(page)

    assert [name for name, *_ in answers()] == judged
    assert page.inner_text("#bench-status") == ""


def test_the_seconds_are_those_of_the_screen(page, live_server, cells, rita):
    some(cells, 3)
    sit_down_with_items_ahead(page, live_server, cells)
    page.wait_for_timeout(1_200)
    began = monotonic()
    press(page, "1")
    page.keyboard.press("1")
    since_the_first = monotonic() - began
    stored(page, 2)

    first, second = Review.objects.order_by("pk")
    assert first.seconds >= 1.2
    assert second.seconds <= since_the_first + ROUNDED


def test_new_items_come_by_themselves_to_an_empty_bench(page, live_server, cells, rita):
    sit_down(page, live_server, cells)
    assert "Nothing is waiting for you" in shown(page)
    queued(cells, external_id="late")

    moved_on_from(page, "Nothing is waiting for you")
    assert shown(page) == "late"
    press(page, "1")
    stored(page, 1)
    assert page.problems == []


def test_a_browser_that_can_keep_nothing_sends_before_it_moves_on(
    context, page, live_server, cells, rita
):
    some(cells, 4)
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    first = shown(page)
    press(page, "1")
    assert answers() == [(first, "corrected", GOOD)]

    second = shown(page)
    cut_off(context)
    page.wait_for_selector("#bench-status >> text=this browser keeps no answers")
    page.keyboard.press("1")
    page.wait_for_selector("#bench-status >> text=yours may have been stored, or not")
    assert shown(page) == second
    back_online(context)
    press(page, "1")
    assert [name for name, *_ in answers()] == [first, second]


def lose_receipts(page, number: int = 1) -> None:
    """The server stores the next answers, and the browser never hears of it."""

    def lose(route):
        route.fetch()
        route.abort()

    page.route(ANSWER, lose, times=number)


def told_unsure(page) -> None:
    page.wait_for_selector("#bench-status >> text=yours may have been stored, or not")
    page.wait_for_selector(SEEN)


def test_after_a_lost_receipt_another_label_is_a_choice_and_never_a_lie(
    context, page, live_server, cells, rita
):
    some(cells, 4)
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    lose_receipts(page)
    page.keyboard.press("1")
    told_unsure(page)
    assert answers() == [(name, "corrected", GOOD)]

    page.keyboard.press("2")
    page.wait_for_selector("#failure >> text=Your first answer to this item was stored")
    page.wait_for_selector(SEEN)
    assert_accessible(page)
    assert shown(page) == name
    assert "Defect" not in page.inner_text("#announcer")
    assert answers() == [(name, "corrected", GOOD)]
    page.click("#failure >> text=Store this one instead")
    moved_on_from(page, name)

    assert answers() == [(name, "confirmed", DEFECT)]
    assert "Defect" in page.inner_text("#announcer")
    assert page.inner_text("[data-tally=today]") == "1"
    assert page.is_hidden("#failure")
    second = shown(page)
    press(page, "1")
    assert [said for said, *_ in answers()] == [name, second]


def test_after_a_lost_receipt_the_first_answer_may_be_kept_by_keyboard(
    context, page, live_server, cells, rita
):
    some(cells, 4)
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    lose_receipts(page)
    page.keyboard.press("1")
    told_unsure(page)
    page.keyboard.press("2")
    page.wait_for_selector("#failure >> text=Keep the first answer")
    page.wait_for_selector(SEEN)
    page.focus("#failure >> text=Keep the first answer")
    page.keyboard.press("Enter")
    moved_on_from(page, name)
    assert answers() == [(name, "corrected", GOOD)]
    assert "Good" in page.inner_text("#announcer")
    assert Review.objects.count() == 1


def test_after_a_lost_receipt_the_same_label_goes_on_and_undo_takes_this_one_back(
    context, page, live_server, cells, rita
):
    some(cells, 4)
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    first = shown(page)
    press(page, "1")
    name = shown(page)
    lose_receipts(page)
    page.keyboard.press("1")
    told_unsure(page)
    press(page, "u")
    assert shown(page) == name
    assert answers() == [(first, "corrected", GOOD)]

    lose_receipts(page)
    page.keyboard.press("1")
    told_unsure(page)
    press(page, "1")
    assert answers() == [(first, "corrected", GOOD), (name, "corrected", GOOD)]


def test_undo_of_an_answer_that_never_arrived_says_so_and_spares_the_one_before(
    context, page, live_server, cells, rita
):
    some(cells, 4)
    keeps_nothing(context)
    sit_down_with_items_ahead(page, live_server, cells)
    first = shown(page)
    press(page, "1")
    name = shown(page)
    page.route(ANSWER, lambda route: route.abort(), times=1)
    page.keyboard.press("1")
    told_unsure(page)
    press(page, "u")
    assert "Nothing had been stored" in page.inner_text("#announcer")
    assert shown(page) == name
    assert page.inner_text("#bench-status") == ""
    assert answers() == [(first, "corrected", GOOD)]


def test_a_browser_that_writes_no_more_still_sends_what_it_has_kept(
    context, page, live_server, cells, rita
):
    some(cells, 6)
    context.add_init_script(
        """const put = IDBObjectStore.prototype.put, remove = IDBObjectStore.prototype.delete;
        const full = (act) => function (...given) {
            const request = act.apply(this, given);
            if (window.full) this.transaction.abort();
            return request;
        };
        IDBObjectStore.prototype.put = full(put);
        IDBObjectStore.prototype.delete = full(remove);"""
    )
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(context)
    judged = []
    for _ in range(4):
        judged.append(shown(page))
        press(page, "1")
    unsent(page, 4)
    assert "Waiting for the next item" in shown(page)

    page.evaluate("window.full = true")
    context.set_offline(False)
    stored(page, 4)
    all_sent(page)
    moved_on_from(page, "Waiting for the next item")
    judged.append(shown(page))
    press(page, "1")
    stored(page, 5)

    assert [name for name, *_ in answers()] == judged
    assert Review.objects.count() == 5
    assert [each for each in page.problems if "ERR_INTERNET_DISCONNECTED" not in each] == []
    press(page, "u")
    assert shown(page) == judged[-1]
    assert [name for name, *_ in answers()] == judged[:-1]


def test_a_question_to_the_lead_waits_like_any_answer(page, live_server, cells, rita):
    some(cells, 4)
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    cut_off(page.context)
    page.keyboard.press("l")
    page.fill("#bench dialog:modal textarea", "crack or scratch?")
    press(page, "Control+Enter")
    unsent(page, 1)
    assert shown(page) != name
    assert not Referral.objects.exists()

    page.context.set_offline(False)
    all_sent(page)
    asked = Referral.objects.get()
    assert (asked.entry.item.external_id, asked.comment.text) == (name, "crack or scratch?")
