from __future__ import annotations

import pytest

from annotations.actions.adjudicate import adjudicate
from annotations.actions.check_counters import check_counters
from annotations.actions.claim_next import claim_next
from annotations.actions.send_to_lead import send_to_lead
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import (
    AlreadyAnswered,
    AnsweredOtherwise,
    CommentMissing,
    EntryClosed,
    LeaseLost,
)
from annotations.models import Assignment, Comment, Outcome, Referral, Review
from annotations.queries.queue import next_dispute
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import present
from tests.races import at_once

pytestmark = pytest.mark.django_db
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)


@pytest.fixture
def cells():
    return factories.project(review=PATIENT)


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells)


def send(cells, entry, by, text="crack or scratch?", token=None):
    return send_to_lead(
        project=cells,
        entry_uid=entry.uid,
        reviewer=by,
        text=text,
        token=token or uuid7(),
        seconds=4.0,
        now=present(),
    )


def test_the_lead_has_it_at_once_and_the_reviewer_goes_on(cells, rita):
    entry, other = factories.queued(cells, confidence=0.5), factories.queued(cells)
    claim_next(project=cells, reviewer=rita, now=present())
    review = send(cells, entry, rita)
    entry.refresh_from_db()
    assert (entry.state, entry.slots_open) == ("awaiting_adjudication", 0)
    assert (review.verdict, review.reason) == ("skipped", "sent-to-lead")
    (referral,) = Referral.objects.all()
    assert (referral.to, referral.comment.text) == ("lead", "crack or scratch?")
    assert not Assignment.objects.filter(entry=entry, state="held").exists()
    assert claim_next(project=cells, reviewer=rita, now=present()).entry == other
    assert next_dispute(cells.pk, factories.lead(cells)) == entry
    assert check_counters(project=cells) == []


def test_the_same_token_again_sends_nothing(cells, rita):
    entry, token = factories.queued(cells), uuid7()
    first = send(cells, entry, rita, token=token)
    assert send(cells, entry, rita, token=token) == first
    assert (Review.objects.count(), Comment.objects.count()) == (1, 1)


def test_a_decision_closes_it(cells, rita):
    entry = factories.queued(cells)
    send(cells, entry, rita)
    adjudicate(
        project=cells,
        entry_uid=entry.uid,
        lead=factories.lead(cells),
        outcome=Outcome.LABEL,
        label_key="good",
        now=present(),
    )
    assert Referral.objects.filter(closed_at__isnull=True).count() == 0


def test_it_can_be_taken_back_like_any_answer(cells, rita):
    entry = factories.queued(cells)
    review = send(cells, entry, rita)
    undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=present())
    assert Referral.objects.filter(closed_at__isnull=True).count() == 0
    assert claim_next(project=cells, reviewer=rita, now=present()).entry == entry
    send(cells, entry, rita, "now really")
    assert Referral.objects.count() == 2


def test_it_needs_words(cells, rita):
    with pytest.raises(CommentMissing):
        send(cells, factories.queued(cells), rita, " ")
    assert Review.objects.count() == 0


def test_what_is_refused_leaves_nothing_behind(cells, rita):
    rolf = factories.reviewer(cells)
    two = ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
    pairs = factories.project(review=two)
    entry = factories.queued(pairs)
    submit_review(
        project=pairs,
        entry_uid=entry.uid,
        reviewer=rita,
        verdict="confirm",
        token=uuid7(),
        seconds=1.0,
        now=present(),
    )
    with pytest.raises(AlreadyAnswered):
        send(pairs, entry, rita)
    taken = factories.queued(cells)
    claim_next(project=cells, reviewer=rolf, now=present())
    with pytest.raises(LeaseLost):
        send(cells, taken, rita)
    send(cells, taken, rolf)
    with pytest.raises(EntryClosed):
        send(cells, taken, rita)
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_tabs_send_it_once(cells, rita):
    entry, token = factories.queued(cells), uuid7()
    one, other = at_once(*[lambda: send(cells, entry, rita, token=token)] * 2)
    assert one == other
    assert (Referral.objects.count(), Comment.objects.count()) == (1, 1)


@pytest.mark.both_databases
def test_the_same_token_with_other_words_or_another_answer_is_refused(cells, rita):
    entry, token = factories.queued(cells), uuid7()
    review = send(cells, entry, rita, token=token)
    with pytest.raises(AnsweredOtherwise):
        send(cells, entry, rita, "dust?", token=token)
    with pytest.raises(AnsweredOtherwise):
        submit_review(
            project=cells,
            entry_uid=entry.uid,
            reviewer=rita,
            verdict="label",
            label_key="good",
            token=token,
            seconds=1.0,
            now=present(),
        )
    assert send(cells, entry, rita, token=token) == review
    assert [comment.text for comment in Comment.objects.all()] == ["crack or scratch?"]
