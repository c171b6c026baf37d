"""An answer that cannot be stored is never dropped: it waits for a choice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, QueueEntry, Review
from annotations.web import review
from reviewhub.common.ids import uuid7
from tests.accessibility import assert_accessible_in_both_themes
from tests.browser.bench import (
    SEEN,
    all_sent,
    answers,
    cut_off,
    press,
    shown,
    sit_down_with_items_ahead,
    stored,
    until,
)
from tests.factories import DEFECT, GOOD, present, project, queued, reviewer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("interceptable"),
]

MOST_FAULTS = 5
"""So often is an answer tried at which the server fails."""


@pytest.fixture
def cells():
    cells = project("cells", review=ReviewSpec(approval="lead", blind_share=0.0))
    for number in range(5):
        queued(cells, external_id=f"cell-{number}", label=DEFECT, confidence=0.5 + number / 20)
    return cells


def take_over(cells, name: str):
    """The leases of everybody run out, and a colleague takes `name`; who that is."""
    Assignment.objects.filter(state="held").update(lease_until=present() - timedelta(seconds=1))
    sweep_leases(now=present())
    rolf = reviewer(cells, "rolf")
    passed = []
    while (lease := claim_next(project=cells, reviewer=rolf, now=present())) is not None:
        if lease.entry.item.external_id == name:
            let_go(*passed)
            return rolf
        Assignment.objects.filter(pk=lease.pk).update(state="answered", ended_at=present())
        passed.append(lease.entry_id)
    raise AssertionError(f"{name} cannot be claimed")


def let_go(*entries: int) -> None:
    Assignment.objects.filter(entry__in=entries).update(state="released", ended_at=present())
    QueueEntry.objects.filter(pk__in=entries).update(slots_open=1)


def by_colleague(cells, rolf, name: str) -> None:
    entry = QueueEntry.objects.get(item__external_id=name)
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rolf,
        verdict="label",
        label_key=DEFECT,
        token=uuid7(),
        seconds=1,
        now=present(),
    )


def refused(page) -> str:
    page.wait_for_selector("#refused-dialog:modal")
    return page.inner_text("#refused-dialog")


def test_a_lease_lost_to_a_colleague_is_a_choice(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    take_over(cells, name)
    press(page, "1")

    told = refused(page)
    assert name in told
    assert "Good" in told
    assert "colleagues have taken the item over" in told
    assert_accessible_in_both_themes(page)
    assert not Review.objects.filter(reviewer=rita).exists()
    let_go(QueueEntry.objects.get(item__external_id=name).pk)
    page.click("text=Try again")

    stored(page, 1)
    all_sent(page)
    assert answers() == [(name, "corrected", GOOD)]
    assert not page.is_visible("#refused")
    assert page.evaluate("document.activeElement.matches('#bench h1')")


def test_it_survives_a_reload_and_can_be_discarded(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    rolf = take_over(cells, name)
    by_colleague(cells, rolf, name)
    press(page, "1")
    refused(page)

    page.reload()
    assert name in refused(page)
    page.keyboard.press("Escape")
    assert page.is_visible("#refused >> text=1 answer was not stored")
    page.click("#refused")
    page.click("text=Discard it")
    page.wait_for_selector("#refused", state="hidden")
    page.reload()
    page.wait_for_selector(SEEN)

    assert not page.is_visible("#refused-dialog")
    assert [review.reviewer for review in Review.objects.all()] == [rolf]


def test_what_comes_after_a_refused_answer_is_stored(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(page.context)
    names = []
    for _ in range(3):
        names.append(shown(page))
        press(page, "1")
    rolf = take_over(cells, names[1])
    by_colleague(cells, rolf, names[1])
    page.context.set_offline(False)

    assert names[1] in refused(page)
    all_sent(page)
    mine = Review.objects.filter(reviewer=rita).order_by("pk")
    assert [review.entry.item.external_id for review in mine] == [names[0], names[2]]


def test_the_item_can_be_looked_at_and_answered_anew(page, live_server, cells, rita):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    take_over(cells, name)
    press(page, "1")
    refused(page)
    second = shown(page)
    page.click("text=Look at the item")
    page.wait_for_selector(SEEN)
    assert shown(page) == name
    let_go(QueueEntry.objects.get(item__external_id=name).pk)

    press(page, "2")
    stored(page, 1)
    all_sent(page)

    assert answers() == [(name, "confirmed", DEFECT)]
    assert not page.is_visible("#refused")
    assert shown(page) == second


def test_it_waits_while_somebody_is_in_a_dialog_and_repeats_the_reason(
    page, live_server, cells, rita
):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)
    take_over(cells, name)
    cut_off(page.context)
    press(page, "x", "2")
    page.keyboard.press("s")
    page.context.set_offline(False)
    page.wait_for_selector("#refused:not([hidden])")
    assert page.is_visible("#bench #skip")
    assert not page.is_visible("#refused-dialog")

    page.keyboard.press("Escape")
    told = refused(page)
    assert name in told
    assert "Unusable: Too blurred to judge" in told
    assert not Review.objects.exists()


def test_an_answer_at_which_the_server_always_fails_does_not_keep_the_others(
    page, live_server, cells, rita, monkeypatch
):
    sit_down_with_items_ahead(page, live_server, cells)
    cut_off(page.context)
    names = []
    for _ in range(3):
        names.append(shown(page))
        press(page, "1")
    first = QueueEntry.objects.get(item__external_id=names[0])
    real = review.store
    failed: list[str] = []

    def fails_at_the_first(request, draft):
        if request.POST["entry"] == str(first.uid):
            failed.append(names[0])
            raise RuntimeError("a bug")
        return real(request, draft)

    monkeypatch.setattr(review, "store", fails_at_the_first)
    page.context.set_offline(False)
    for tries in range(1, MOST_FAULTS):
        until(page, lambda tries=tries: len(failed) >= tries)
        page.evaluate("window.dispatchEvent(new Event('online'))")

    told = refused(page)
    assert len(failed) >= MOST_FAULTS
    assert names[0] in told
    assert "Something went wrong on our side" in told
    all_sent(page)
    assert [name for name, *_ in answers()] == names[1:]
    monkeypatch.setattr(review, "store", real)
    page.click("#refused-dialog >> text=Try again")
    stored(page, 3)
    assert [name for name, *_ in answers()] == [*names[1:], names[0]]


FULL = """
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        const request = put.apply(this, given);
        if (window.full) this.transaction.abort();
        return request;
    };
"""


@pytest.mark.parametrize("choice", ["Keep the first answer", "Store this one instead"])
def test_of_two_answers_under_one_token_the_person_chooses(page, live_server, cells, rita, choice):
    page.add_init_script(FULL)
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/review/answer", lose, times=1)
    page.evaluate("window.full = true")
    page.keyboard.press("1")
    page.wait_for_selector("#bench-status >> text=yours may have been stored")
    page.evaluate("window.full = false")
    press(page, "2")

    told = refused(page)
    assert name in told
    assert "Your first answer to this item was stored" in told
    assert_accessible_in_both_themes(page)
    page.click(f"#refused-dialog >> text={choice}")
    page.wait_for_selector("#refused", state="hidden")
    all_sent(page)
    kept = choice.startswith("Keep")
    said = (name, "corrected", GOOD) if kept else (name, "confirmed", DEFECT)
    until(page, lambda: answers() == [said])
    assert Review.objects.count() == (1 if kept else 3)
    assert page.inner_text("[data-tally=today]") == "1"


def test_what_was_taken_back_is_undone_though_the_server_failed_after_it_was_stored(
    page, live_server, cells, rita, monkeypatch
):
    sit_down_with_items_ahead(page, live_server, cells)
    name = shown(page)

    failed: list[str] = []

    def fails(request, review):
        failed.append(name)
        raise RuntimeError("a bug")

    monkeypatch.setattr(review.bench, "stored", fails)
    press(page, "1")
    stored(page, 1)
    press(page, "u")
    assert shown(page) == name
    for tries in range(1, MOST_FAULTS):
        until(page, lambda tries=tries: len(failed) >= tries)
        page.evaluate("window.dispatchEvent(new Event('online'))")
    all_sent(page)
    assert len(failed) >= MOST_FAULTS
    assert answers() == []
    assert not page.is_visible("#refused-dialog")
    assert not page.is_visible("#failure")


def test_an_answer_that_cannot_make_way_any_more_says_why(page, live_server, cells, rita):
    page.add_init_script(FULL)
    sit_down_with_items_ahead(page, live_server, cells)
    page.route("**/review/answer", lambda route: (route.fetch(), route.abort()), times=1)
    page.evaluate("window.full = true")
    page.keyboard.press("1")
    page.wait_for_selector("#bench-status >> text=yours may have been stored")
    page.evaluate("window.full = false")
    press(page, "2")
    refused(page)
    QueueEntry.objects.filter(pk=Review.objects.get().entry_id).update(
        state="withdrawn", slots_open=0
    )
    page.click("#refused-dialog >> text=Store this one instead")
    page.wait_for_selector("#refused-dialog >> text=The item is no longer needed")
    page.click("#refused-dialog >> text=Discard it")
    page.wait_for_selector("#refused", state="hidden")
    assert [key for *_, key in answers()] == [GOOD]
