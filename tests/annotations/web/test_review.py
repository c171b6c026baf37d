"""The workbench as forms and fragments; how it feels in a browser is tests/browser."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse

from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, Prediction, QueueEntry, Review
from tests.factories import (
    DEFECT,
    EVERYTHING_AUDITED,
    GOOD,
    lead,
    present,
    project,
    queued,
    reviewer,
    stranger,
)
from tests.pages import hidden_fields, page, queries_of

pytestmark = pytest.mark.django_db


class Bench:
    """A reviewer before the workbench of a project."""

    def __init__(self, of, who=None, **options):
        self.of, self.who = of, who or reviewer(of)
        self.client = Client(**options)
        self.client.force_login(self.who)

    def look(self) -> str:
        return page(self.client, "annotations:review", self.of)

    def answer(self, text: str = "", *, follow=False, **changes):
        form = hidden_fields(text or self.look(), within='name="verdict" value="label"')
        sent = {**form, "label": GOOD, **changes}
        return self.client.post(self.url("answer"), sent, follow=follow)

    def undo(self, review_uid, *, follow=False):
        return self.client.post(self.url("undo"), {"review": review_uid}, follow=follow)

    def url(self, name: str) -> str:
        return reverse(f"annotations:{name}", args=[self.of.slug])


def entry_of(text: str) -> str:
    """The item that a bench asks about."""
    return hidden_fields(text, within="verdict")["entry"]


@pytest.fixture
def cells():
    return project(review=ReviewSpec(approval="lead", blind_share=0.0))


@pytest.fixture
def bench(cells) -> Bench:
    for _ in range(3):
        queued(cells, label=DEFECT, confidence=0.62)
    return Bench(cells)


def test_the_bench_shows_prediction_confidence_and_reason(bench):
    text = bench.look()
    assert "Predicted <strong>Defect</strong>" in text
    assert "0.62" in text
    assert "confidence 0.62 below 1.00" in text
    assert ">3</b> left" in text


def test_looking_again_shows_the_item_that_is_held(bench):
    first = entry_of(bench.look())
    assert entry_of(bench.look()) == first
    assert Assignment.objects.count() == 1


def test_an_answer_without_script_is_stored_and_redirects_to_the_next_item(bench):
    before = bench.look()

    response = bench.answer(before)

    assert (response.status_code, response.url) == (302, bench.url("review"))
    stored = Review.objects.get()
    assert (stored.verdict, stored.label_key, stored.blind) == ("corrected", GOOD, False)
    after = bench.look()
    assert "Saved: Good" in after
    assert ">1</b> today" in after
    assert entry_of(after) != entry_of(before)


def test_the_page_is_never_shown_from_a_cache(bench):
    response = bench.client.get(bench.url("review"))
    assert "no-store" in response["Cache-Control"]


def test_confirming_unusable_and_skipping_are_answers_too(bench):
    bench.answer(verdict="confirm")
    bench.answer(verdict="reject", reason="too-blurred")
    bench.answer(verdict="skip", reason="unsure")

    said = Review.objects.order_by("pk").values_list("verdict", "label_key", "reason")
    assert list(said) == [
        ("confirmed", DEFECT, ""),
        ("rejected", "", "too-blurred"),
        ("skipped", "", "unsure"),
    ]


def test_an_undone_answer_brings_its_item_back_at_once(bench):
    first = bench.look()
    bench.answer(first)
    given = Review.objects.get()

    response = bench.undo(given.uid, follow=True)

    text = response.content.decode()
    assert "Taken back" in text
    assert entry_of(text) == entry_of(first)
    given.refresh_from_db()
    assert not given.effective


def test_undo_without_script_redirects(bench):
    bench.answer()
    response = bench.undo(Review.objects.get().uid, follow=True)
    assert response.redirect_chain == [(bench.url("review"), 302)]
    assert "Taken back" in response.content.decode()


def test_the_last_answer_leaves_an_empty_bench_that_can_still_take_it_back(cells):
    queued(cells)
    bench = Bench(cells)

    text = bench.answer(follow=True).content.decode()

    assert "Nothing is waiting for you" in text
    assert str(Review.objects.get().uid) in text


def test_a_blind_item_leaks_nothing_of_the_prediction(cells):
    """Two benches that differ in what the model said alone must be the same to the letter."""
    benches = []
    for label in (GOOD, DEFECT):
        blind = project(rules=EVERYTHING_AUDITED)
        queued(blind, label=label, confidence=0.9137 if label == GOOD else 0.5211)
        benches.append((blind, Bench(blind)))

    texts = [_without_names(bench.look(), blind, bench.who) for blind, bench in benches]

    assert texts[0] == texts[1]
    for text in texts:
        for trace in ("0.91", "0.52", "Predicted", "onfidence", "guess", "udit"):
            assert trace not in text.split("<main", 1)[1].split("</main", 1)[0], trace


def test_a_blind_answer_does_not_tell_afterwards_whether_the_model_agreed():
    blind = project(rules=EVERYTHING_AUDITED, review=ReviewSpec(approval="lead"))
    for _ in range(2):
        queued(blind, label=DEFECT, confidence=0.9)
    bench = Bench(blind)

    text = bench.answer(follow=True).content.decode()

    assert Review.objects.get().verdict == "corrected"
    assert "Answered: Good" in text
    assert "orrected" not in text
    assert "onfirmed" not in text


def test_two_reviewers_are_never_given_the_same_item(cells):
    for _ in range(4):
        queued(cells)
    rita, rolf = Bench(cells), Bench(cells)

    seen = [entry_of(b.look()) for b in (rita, rolf)]
    rita.answer()
    rolf.answer()
    seen += [entry_of(b.look()) for b in (rita, rolf)]

    assert len(set(seen)) == 4


def test_the_same_form_sent_twice_counts_once(bench):
    text = bench.look()
    bench.answer(text)
    bench.answer(text)
    assert Review.objects.count() == 1


def test_a_form_sent_again_with_a_new_token_is_refused_and_says_so(bench):
    text = bench.look()
    bench.answer(text)

    again = bench.answer(text, token=str(uuid4()), follow=True).content.decode()

    assert "You have answered this item already" in again
    assert Review.objects.count() == 1


def test_the_token_of_another_item_is_refused(bench):
    first = bench.look()
    bench.answer(first)
    token = hidden_fields(first, within="verdict")["token"]

    text = bench.answer(token=token, follow=True).content.decode()

    assert "The token belongs to the answer to another item" in text
    assert Review.objects.count() == 1


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "wrong",
    [
        {"entry": "nonsense"},
        {"token": ""},
        {"verdict": "approve"},
        {"label": "scratch"},
        {"verdict": "skip", "reason": ""},
        {"verdict": "skip", "reason": "none-of-ours-" * 4},
        {"verdict": "reject", "reason": "not a code"},
        {"started": "2020-01-01T00:00:00+00:00"},
        {"started": Signer(salt="another").sign("2020-01-01T00:00:00+00:00")},
    ],
)
def test_a_form_that_was_tampered_with_stores_nothing_and_keeps_the_item(bench, wrong):
    before = bench.look()

    text = bench.answer(before, follow=True, **wrong).content.decode()

    assert re.search(r'<div class="notice error"\s+role="alert">\s*<p>\w', text)
    assert not Review.objects.exists()
    assert entry_of(text) == entry_of(before)


def test_an_item_that_somebody_else_settled_meanwhile_is_said_and_the_next_shown(cells):
    entry, following = queued(cells), queued(cells)
    bench = Bench(cells)
    text = bench.look()
    Assignment.objects.update(state="expired", ended_at=present())
    QueueEntry.objects.filter(pk=entry.pk).update(slots_open=1)
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer(cells),
        verdict="label",
        label_key=GOOD,
        token=uuid4(),
        seconds=1,
        now=present(),
    )

    late = bench.answer(text, follow=True).content.decode()

    assert "The item no longer waits for this" in late
    assert entry_of(late) == str(following.uid)
    assert Review.objects.count() == 1


def test_confirming_what_was_never_shown_is_refused():
    blind = project(rules=EVERYTHING_AUDITED)
    queued(blind)
    text = Bench(blind).answer(verdict="confirm", follow=True).content.decode()
    assert "The prediction was hidden" in text
    assert not Review.objects.exists()


def test_nobody_takes_back_what_another_person_said(bench, cells):
    bench.answer()
    given = Review.objects.get()

    Bench(cells).undo(given.uid, follow=True)

    given.refresh_from_db()
    assert given.effective


@pytest.mark.parametrize("name", ["answer", "undo"])
def test_strangers_and_forged_forms_are_refused(bench, cells, name):
    outside = Client()
    outside.force_login(stranger())
    assert outside.post(bench.url(name)).status_code == 404
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(bench.who)
    assert forged.post(bench.url(name)).status_code == 403
    assert bench.client.get(bench.url(name)).status_code == 405
    assert not Review.objects.exists()


def test_a_form_with_its_token_passes_the_csrf_check(cells):
    queued(cells)
    careful = Bench(cells, enforce_csrf_checks=True)
    assert careful.answer().status_code == 302
    assert Review.objects.count() == 1


def test_a_lead_may_review_too(cells):
    queued(cells)
    Bench(cells, who=lead(cells)).answer()
    assert Review.objects.count() == 1


def test_the_bench_costs_the_same_with_a_long_queue(cells):
    for _ in range(10):
        queued(cells)
    bench = Bench(cells)
    for _ in range(3):
        bench.answer()
    short = queries_of(bench.client, bench.url("review"))
    for _ in range(60):
        queued(cells)
    for _ in range(8):
        bench.answer()
    assert queries_of(bench.client, bench.url("review")) == short
    assert Prediction.objects.count() == 70


def _without_names(text: str, of, who) -> str:
    """The page without what differs from one bench to another: ids, tokens, names, times."""
    text = text.replace(of.slug, "SLUG").replace(of.name, "NAME").replace(who.username, "USER")
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r'name="started" value="[^"]*"', "STARTED", text)
    text = re.sub(r'(name="csrfmiddlewaretoken" value|"X-CSRFToken": )="?[^"]*"', "CSRF", text)
    text = re.sub(r"X-CSRFToken[^}]*", "CSRF", text)
    return re.sub(r"item-\d+", "ITEM", text)
