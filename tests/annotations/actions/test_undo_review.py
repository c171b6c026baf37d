from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from annotations.actions.add_member import add_member
from annotations.actions.adjudicate import adjudicate
from annotations.actions.check_counters import check_counters
from annotations.actions.claim_next import claim_next
from annotations.actions.hold_approved import hold_approved
from annotations.actions.reopen_entry import reopen_entry
from annotations.actions.submit_review import answer_entry, submit_review
from annotations.actions.undo_review import undo_review
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import UndoImpossible, UnknownEntry
from annotations.models import Annotation, Grid, Outcome, Review
from annotations.queries.learning import (
    approved_annotations,
    new_approvals,
    taxonomy_in_force,
)
from reviewhub.common.ids import uuid7
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.races import at_once
from tests.training.builders import snapshot
from training.models import SnapshotMember

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


def learned(cells) -> list[str]:
    known = approved_annotations(cells.pk, taxonomy_in_force(cells.pk).id)
    return [each.label_key for each in known]


def use(cells, annotation) -> None:
    """As a run does when it freezes its data set."""
    made = snapshot(cells, digest="0123456789ab" + "0" * 52)
    SnapshotMember.objects.create(snapshot=made, annotation=annotation, fold="learn", recent=False)


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


def test_what_is_approved_can_be_undone_until_it_is_used_and_is_learned_from_no_more():
    cells = factories.project(review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    rita = factories.reviewer(cells)
    entry = factories.queued(cells)
    review = answer(cells, entry, rita)
    assert learned(cells) == ["good"]
    undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    entry.refresh_from_db()
    assert (entry.state, entry.answers_given) == ("awaiting_review", 0)
    assert learned(cells) == []
    assert new_approvals(cells.pk) == 0
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == entry
    assert check_counters(project=cells) == []
    answer(cells, entry, rita, "defect")
    assert learned(cells) == ["defect"]
    assert Annotation.objects.filter(approval__isnull=False).count() == 2


def test_after_use_it_says_where_and_the_item_can_be_opened_again_instead():
    cells = factories.project(review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    rita = factories.reviewer(cells)
    entry = factories.queued(cells)
    review = answer(cells, entry, rita)
    use(cells, Annotation.objects.get())
    with pytest.raises(UndoImpossible, match="re-opened") as caught:
        undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    (where,) = caught.value.data["where"]
    assert where == {"label": "data set 0123456789ab", "url": ""}
    entry.refresh_from_db()
    assert entry.state == "approved"

    undone = reopen_entry(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    assert reopen_entry(project=cells, review_uid=review.uid, reviewer=rita, now=NOW) == undone
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == entry
    assert learned(cells) == []
    assert AuditEntry.objects.filter(action="entry.reopen").count() == 1
    again = answer(cells, entry, rita, "defect")
    assert learned(cells) == ["defect"]
    # The new answer has been used by nobody.
    undo_review(project=cells, review_uid=again.uid, reviewer=rita, now=NOW)
    assert check_counters(project=cells) == []


def test_only_the_last_ten_answers_of_a_project_can_be_taken_back(cells, rita):
    elsewhere = factories.project(review=PATIENT)
    add_member(project=elsewhere, user=rita, role="reviewer", actor=factories.TESTER, now=NOW)
    given = [answer(cells, factories.queued(cells), rita) for _ in range(11)]
    for _ in range(3):
        answer(elsewhere, factories.queued(elsewhere), rita)
    for undo in (undo_review, reopen_entry):
        with pytest.raises(UndoImpossible, match="last ten"):
            undo(project=cells, review_uid=given[0].uid, reviewer=rita, now=NOW)
    undo_review(project=cells, review_uid=given[1].uid, reviewer=rita, now=NOW)
    # What was taken back is none of the ten any more.
    undo_review(project=cells, review_uid=given[0].uid, reviewer=rita, now=NOW)


def test_a_grid_of_many_counts_as_one_answer_and_every_cell_of_it_can_be_taken_back(cells, rita):
    before = answer(cells, factories.queued(cells), rita)
    grid = Grid.objects.create(
        project=cells,
        taxonomy=cells.taxonomies.get(),
        reviewer=rita,
        label_key="defect",
        shown_at=NOW,
    )
    told = {"project": cells, "reviewer": rita, "verdict": "confirm", "seconds": 0.5, "now": NOW}
    given = [
        answer_entry(
            entry_uid=factories.queued(cells).uid,
            label_key="",
            token=uuid7(),
            grid=grid,
            **told,
        )
        for _ in range(12)
    ]
    for review in (given[0], before):
        undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    for _ in range(10):
        answer(cells, factories.queued(cells), rita)
    with pytest.raises(UndoImpossible, match="last ten"):
        undo_review(project=cells, review_uid=given[1].uid, reviewer=rita, now=NOW)


def test_what_a_lead_has_decided_stays_decided():
    cells = factories.project(
        review=ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)
    )
    rita, rolf, lena = factories.reviewer(cells), factories.reviewer(cells), factories.lead(cells)
    entry = factories.queued(cells)
    answer(cells, entry, rita, "good")
    last = answer(cells, entry, rolf, "defect")
    adjudicate(
        project=cells,
        entry_uid=entry.uid,
        lead=lena,
        outcome=Outcome.LABEL,
        label_key="good",
        now=NOW,
    )
    undo_review(project=cells, review_uid=last.uid, reviewer=rolf, now=NOW)
    entry.refresh_from_db()
    last.refresh_from_db()
    assert (entry.state, last.effective) == ("approved", False)
    assert learned(cells) == ["good"]
    assert check_counters(project=cells) == []


def test_an_undone_skip_leaves_alone_what_a_colleague_has_settled(cells, rita):
    rolf = factories.reviewer(cells)
    entry = factories.queued(cells)
    skipped = answer(cells, entry, rita, "", verdict="skip", reason="unsure")
    answer(cells, entry, rolf)
    undo_review(project=cells, review_uid=skipped.uid, reviewer=rita, now=NOW)
    entry.refresh_from_db()
    assert (entry.state, entry.answers_given) == ("awaiting_approval", 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_an_undo_and_a_use_at_once_one_comes_first():
    """Either the data set holds it and the undo is refused, or neither knows of the other."""
    cells = factories.project(review=ReviewSpec(grace_seconds=0, blind_share=0.0))
    rita = factories.reviewer(cells)
    review = answer(cells, factories.queued(cells), rita)
    annotation = Annotation.objects.get()

    def use_it() -> bool:
        with transaction.atomic():
            held = annotation.pk in hold_approved(annotation_ids=[annotation.pk])
            if held:
                use(cells, annotation)
        return held

    used, undone = at_once(
        use_it,
        lambda: undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW),
    )
    assert isinstance(undone, UndoImpossible) == used


def test_nobody_undoes_a_colleagues_answer(cells, rita):
    review = answer(cells, factories.queued(cells), rita)
    rolf = factories.reviewer(cells)
    with pytest.raises(UnknownEntry):
        undo_review(project=cells, review_uid=review.uid, reviewer=rolf, now=NOW)
