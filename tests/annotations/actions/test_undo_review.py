from __future__ import annotations

from datetime import UTC, datetime

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import UndoImpossible, UnknownEntry
from annotations.models import Annotation, Review
from reviewhub.common.ids import uuid7
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)


def answer(cells, entry, reviewer, label="good", **fields):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer,
        token=uuid7(),
        seconds=1.0,
        now=NOW,
        **{"verdict": "label", "label_key": label, **fields},
    )


@pytest.fixture
def cells():
    return factories.project(review=PATIENT)


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells)


def test_an_undone_item_is_the_next_thing_on_the_screen_and_can_be_judged_anew(cells, rita):
    entry = factories.queued(cells)
    factories.queued(cells)
    first = answer(cells, entry, rita)
    claim_next(project=cells, reviewer=rita, now=NOW)
    undo_review(project=cells, review_uid=first.uid, reviewer=rita, now=NOW)
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == entry
    answer(cells, entry, rita, "defect")
    assert Annotation.objects.order_by("-number").first().label_key == "defect"
    assert Annotation.objects.count() == 2


def test_undo_is_a_row_of_its_own_and_the_answer_stays_on_record(cells, rita):
    review = answer(cells, factories.queued(cells), rita)
    undone = undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    review.refresh_from_db()
    assert (review.verdict, review.label_key, review.effective) == ("corrected", "good", False)
    assert (undone.verdict, undone.supersedes) == ("undone", review)


def test_undoing_twice_is_undoing_once(cells, rita):
    review = answer(cells, factories.queued(cells), rita)
    first = undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    assert undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW) == first
    assert Review.objects.count() == 2


def test_a_skip_can_be_undone(cells, rita):
    entry = factories.queued(cells)
    claim_next(project=cells, reviewer=rita, now=NOW)
    review = answer(cells, entry, rita, "", verdict="skip", reason="unsure")
    undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == entry


def test_a_dispute_that_rests_on_the_answer_opens_again():
    cells = factories.project(
        review=ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
    )
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    entry = factories.queued(cells)
    answer(cells, entry, rita, "good")
    last = answer(cells, entry, rolf, "defect")
    undo_review(project=cells, review_uid=last.uid, reviewer=rolf, now=NOW)
    entry.refresh_from_db()
    assert (entry.state, entry.answers_given) == ("awaiting_review", 1)
    answer(cells, entry, rolf, "good")
    entry.refresh_from_db()
    assert entry.state == "awaiting_approval"


def test_what_is_approved_is_not_undone():
    cells = factories.project(review=ReviewSpec(grace_seconds=0))
    rita = factories.reviewer(cells)
    review = answer(cells, factories.queued(cells), rita)
    with pytest.raises(UndoImpossible, match="approved"):
        undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)


def test_nobody_undoes_a_colleagues_answer(cells, rita):
    review = answer(cells, factories.queued(cells), rita)
    rolf = factories.reviewer(cells)
    with pytest.raises(UnknownEntry):
        undo_review(project=cells, review_uid=review.uid, reviewer=rolf, now=NOW)
