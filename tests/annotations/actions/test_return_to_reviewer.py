from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.check_counters import check_counters
from annotations.actions.claim_next import claim_next
from annotations.actions.return_to_reviewer import return_to_reviewer
from annotations.actions.send_to_lead import send_to_lead
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.take_returned import take_returned
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import (
    CommentMissing,
    EntryClosed,
    OwnAnswer,
    ReturnImpossible,
    UndoImpossible,
    UnknownEntry,
)
from annotations.models import Comment, Referral
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import TESTER, present
from tests.races import at_once

pytestmark = pytest.mark.django_db
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, skips_allowed=3, blind_share=0.0)


@pytest.fixture
def cells():
    return factories.project(review=PATIENT)


@pytest.fixture
def lena(cells):
    return factories.lead(cells)


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells)


def answer(of, entry, by, label="good", **fields):
    return submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=by,
        token=uuid7(),
        seconds=2.0,
        now=present(),
        **{"verdict": "label", "label_key": label, **fields},
    )


def give_back(of, review, lead, text="look at the edge"):
    return return_to_reviewer(
        project=of, review_uid=review.uid, lead=lead, text=text, now=present()
    )


def opened():
    return Referral.objects.filter(closed_at__isnull=True)


def test_what_awaits_approval_comes_back_to_its_reviewer_and_waits_a_day(cells, rita, lena):
    entry = factories.queued(cells)
    review = answer(cells, entry, rita)
    referral = give_back(cells, review, lena)
    entry.refresh_from_db()
    review.refresh_from_db()
    assert (entry.state, entry.answers_given, review.effective) == ("awaiting_review", 0, False)
    assert (referral.to, referral.reviewer, referral.comment.author) == ("reviewer", rita, lena)
    sweep_leases(now=present() + timedelta(hours=8))
    assert claim_next(project=cells, reviewer=factories.reviewer(cells), now=present()) is None
    assert claim_next(project=cells, reviewer=rita, now=present()).entry == entry
    assert check_counters(project=cells) == []
    answer(cells, entry, rita, "defect")
    assert not opened().exists()


def test_of_a_dispute_one_answer_comes_back_and_the_other_stays(lena):
    pairs = factories.project(review=TWO)
    rita, rolf = factories.reviewer(pairs), factories.reviewer(pairs)
    entry = factories.queued(pairs)
    answer(pairs, entry, rita)
    last = answer(pairs, entry, rolf, "defect")
    give_back(pairs, last, lena)
    entry.refresh_from_db()
    assert (entry.state, entry.answers_given, entry.slots_open) == ("awaiting_review", 1, 0)
    answer(pairs, entry, rolf, "good")
    entry.refresh_from_db()
    assert entry.state == "awaiting_approval"


def test_what_was_sent_to_the_lead_can_be_sent_back_with_an_answer(cells, rita, lena):
    entry = factories.queued(cells)
    review = send_to_lead(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rita,
        text="which?",
        token=uuid7(),
        seconds=1.0,
        now=present(),
    )
    give_back(cells, review, lena, "a crack: page 3")
    assert [referral.to for referral in opened()] == ["reviewer"]
    assert claim_next(project=cells, reviewer=rita, now=present()).entry == entry


def test_what_is_returned_is_closed_when_it_is_taken_out_or_others_have_settled_it(lena):
    pairs = factories.project(review=TWO)
    rita, rolf, rosa = (factories.reviewer(pairs) for _ in range(3))
    entries = [factories.queued(pairs), factories.queued(pairs)]
    for entry in entries:
        answer(pairs, entry, rita)
        give_back(pairs, answer(pairs, entry, rolf, "defect"), lena)
    withdraw_entry(
        project=pairs, entry_uid=entries[0].uid, actor=TESTER, reason="sold", now=present()
    )
    sweep_leases(now=present() + timedelta(days=2))
    answer(pairs, entries[1], rosa)
    assert not opened().exists()
    entries[1].refresh_from_db()
    assert entries[1].state == "awaiting_approval"


def test_a_colleagues_answer_to_another_slot_leaves_it_open(lena):
    three = ReviewSpec(answers_wanted=3, agreement_needed=2, blind_share=0.0)
    cells = factories.project(review=three)
    rita, rolf, rosa = (factories.reviewer(cells) for _ in range(3))
    entry = factories.queued(cells)
    answer(cells, entry, rita)
    answer(cells, entry, rolf)
    last = answer(cells, entry, rosa)
    give_back(cells, last, lena)
    undo = undo_review  # Rolf thinks again too, and answers first.
    undo(
        project=cells,
        review_uid=entry.reviews.get(reviewer=rolf, effective=True).uid,
        reviewer=rolf,
        now=present(),
    )
    answer(cells, entry, rolf, "defect")
    assert opened().count() == 1
    answer(cells, entry, rosa)
    assert not opened().exists()


def test_refusals(cells, rita, lena):
    entry = factories.queued(cells)
    review = answer(cells, entry, rita)
    with pytest.raises(CommentMissing):
        give_back(cells, review, lena, "")
    with pytest.raises(OwnAnswer):
        give_back(cells, review, rita)
    with pytest.raises(UnknownEntry):
        give_back(factories.project(), review, lena)
    give_back(cells, review, lena)
    with pytest.raises(EntryClosed):
        give_back(cells, review, lena)
    again = answer(cells, entry, rita)
    with pytest.raises(ReturnImpossible):
        give_back(cells, review, lena)
    undone = entry.reviews.get(verdict="undone")
    with pytest.raises(UndoImpossible, match="no longer counts"):
        undo_review(project=cells, review_uid=undone.uid, reviewer=rita, now=present())
    give_back(cells, again, lena)
    assert Comment.objects.count() == 1  # the same words, said by the same lead


def test_a_skip_that_others_have_made_up_for_stays_one(lena):
    pairs = factories.project(review=TWO)
    rita, rolf, rosa = (factories.reviewer(pairs) for _ in range(3))
    entry = factories.queued(pairs)
    skipped = answer(pairs, entry, rosa, "", verdict="skip", reason="unsure")
    answer(pairs, entry, rita)
    answer(pairs, entry, rolf, "defect")
    with pytest.raises(ReturnImpossible, match="others"):
        give_back(pairs, skipped, lena)
    skipped.refresh_from_db()
    assert skipped.effective


def test_what_was_answered_is_not_put_on_the_bench(cells, rita, lena):
    entry = factories.queued(cells)
    referral = give_back(cells, answer(cells, entry, rita), lena)
    answer(cells, entry, rita)
    with pytest.raises(EntryClosed):
        take_returned(project=cells, referral_uid=referral.uid, reviewer=rita, now=present())


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_two_leads_at_once_one_returns_it(cells, rita, lena):
    review = answer(cells, factories.queued(cells), rita)
    lars = factories.lead(cells)
    told = at_once(*(lambda who=who: give_back(cells, review, who) for who in (lena, lars)))
    assert sorted(type(each).__name__ for each in told) == ["EntryClosed", "Referral"]
    assert opened().count() == 1
    assert check_counters(project=cells) == []
