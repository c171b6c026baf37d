from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from annotations.actions.adjudicate import adjudicate
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.approve_due import approve_due
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import EntryClosed, InvalidTransition, OwnAnswer, StaleAnnotation
from annotations.models import Annotation, Approval, Outcome
from annotations.queries.accounting import queue_accounting
from annotations.queries.learning import approved_annotations, taxonomy_in_force
from reviewhub.common.ids import uuid7
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BY_LEAD = ReviewSpec(approval="lead", blind_share=0.0)
GRACE = ReviewSpec(approval="automatic", grace_seconds=600, blind_share=0.0)
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, blind_share=0.0)


def answer(cells, entry, reviewer, label="good", now=NOW):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer,
        verdict="label",
        label_key=label,
        token=uuid7(),
        seconds=1.0,
        now=now,
    )


def dispute(cells):
    entry = factories.queued(cells)
    for label in ("good", "defect"):
        answer(cells, entry, factories.reviewer(cells), label)
    entry.refresh_from_db()
    return entry


def test_the_grace_period_approves_what_nobody_took_back():
    cells = factories.project(review=GRACE)
    rita = factories.reviewer(cells)
    kept, undone = factories.queued(cells), factories.queued(cells)
    answer(cells, kept, rita)
    taken_back = answer(cells, undone, rita)
    undo_review(project=cells, review_uid=taken_back.uid, reviewer=rita, now=NOW)
    assert approve_due(now=NOW + timedelta(seconds=599)) == 0
    assert approve_due(now=NOW + timedelta(seconds=601)) == 1
    assert Approval.objects.get().annotation.item == kept.item
    assert approve_due(now=NOW + timedelta(seconds=700)) == 0


def test_a_lead_approves_and_nothing_is_approved_by_itself():
    cells = factories.project(review=BY_LEAD)
    lena, entry = factories.lead(cells), factories.queued(cells)
    answer(cells, entry, factories.reviewer(cells))
    assert approve_due(now=NOW + timedelta(days=9)) == 0
    annotation = Annotation.objects.get()
    approval = approve_annotation(project=cells, annotation_uid=annotation.uid, lead=lena, now=NOW)
    entry.refresh_from_db()
    assert (approval.approved_by, entry.state) == (lena, "approved")


@pytest.mark.both_databases
def test_nobody_approves_their_own_answer():
    cells = factories.project(review=BY_LEAD)
    lena = factories.lead(cells)
    answer(cells, factories.queued(cells), lena)
    with pytest.raises(OwnAnswer):
        approve_annotation(
            project=cells, annotation_uid=Annotation.objects.get().uid, lead=lena, now=NOW
        )


def test_an_annotation_that_was_taken_back_cannot_be_approved():
    cells = factories.project(review=BY_LEAD)
    rita, entry = factories.reviewer(cells), factories.queued(cells)
    review = answer(cells, entry, rita)
    stale = Annotation.objects.get()
    undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW)
    with pytest.raises(StaleAnnotation):
        approve_annotation(
            project=cells, annotation_uid=stale.uid, lead=factories.lead(cells), now=NOW
        )


def test_a_lead_settles_a_dispute_with_their_name_on_it():
    cells = factories.project(review=TWO)
    entry, lena = dispute(cells), factories.lead(cells)
    annotation = adjudicate(
        project=cells,
        entry_uid=entry.uid,
        lead=lena,
        outcome=Outcome.LABEL,
        label_key="good",
        now=NOW,
    )
    entry.refresh_from_db()
    assert (annotation.how, annotation.decided_by, entry.state) == ("adjudicated", lena, "approved")


@pytest.mark.both_databases
def test_nobody_adjudicates_their_own_answer():
    cells = factories.project(review=TWO)
    entry, lena = factories.queued(cells), factories.lead(cells)
    answer(cells, entry, lena, "good")
    answer(cells, entry, factories.reviewer(cells), "defect")
    with pytest.raises(OwnAnswer):
        adjudicate(project=cells, entry_uid=entry.uid, lead=lena, outcome=Outcome.UNUSABLE, now=NOW)


def test_only_the_current_and_approved_truth_is_learned_from():
    cells = factories.project(review=BY_LEAD)
    lena, rita = factories.lead(cells), factories.reviewer(cells)
    known = factories.annotated(cells, label="good")
    waiting = factories.queued(cells)
    answer(cells, waiting, rita)
    taxonomy = taxonomy_in_force(cells.pk)
    assert [row.item_id for row in approved_annotations(cells.pk, taxonomy.id)] == [known.pk]
    approve_annotation(
        project=cells,
        annotation_uid=Annotation.objects.get(entry=waiting).uid,
        lead=lena,
        now=NOW,
    )
    assert len(approved_annotations(cells.pk, taxonomy.id)) == 2


def test_what_is_withdrawn_is_asked_no_more_and_what_is_approved_stays():
    cells = factories.project(review=BY_LEAD)
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    withdraw_entry(
        project=cells, entry_uid=entry.uid, actor=factories.TESTER, reason="a test", now=NOW
    )
    with pytest.raises(EntryClosed):
        answer(cells, entry, rita)
    approved = dispute(factories.project(review=TWO))
    adjudicate(
        project=approved.project,
        entry_uid=approved.uid,
        lead=factories.lead(approved.project),
        outcome=Outcome.UNUSABLE,
        now=NOW,
    )
    with pytest.raises(InvalidTransition):
        withdraw_entry(
            project=approved.project,
            entry_uid=approved.uid,
            actor=factories.TESTER,
            reason="too late",
            now=NOW,
        )


def test_the_queue_balances_whatever_happened():
    cells = factories.project(review=TWO)
    dispute(cells)
    for _ in range(3):
        factories.queued(cells)
    withdrawn = factories.queued(cells)
    withdraw_entry(
        project=cells, entry_uid=withdrawn.uid, actor=factories.TESTER, reason="why", now=NOW
    )
    accounts = queue_accounting(cells.pk)
    assert accounts.balanced
    assert accounts.entered == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_leads_at_once_settle_a_dispute_once():
    cells = factories.project(review=TWO)
    entry = dispute(cells)
    leads = [factories.lead(cells), factories.lead(cells)]
    results = at_once(
        *[
            lambda lead=lead: adjudicate(
                project=cells,
                entry_uid=entry.uid,
                lead=lead,
                outcome=Outcome.LABEL,
                label_key="good",
                now=NOW,
            )
            for lead in leads
        ]
    )
    assert sum(isinstance(result, Annotation) for result in results) == 1
    assert sum(isinstance(result, EntryClosed) for result in results) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_an_undo_and_an_approval_at_once_leave_one_truth():
    cells = factories.project(review=BY_LEAD)
    rita, lena, entry = factories.reviewer(cells), factories.lead(cells), factories.queued(cells)
    review = answer(cells, entry, rita)
    annotation = Annotation.objects.get()
    at_once(
        lambda: undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=NOW),
        lambda: approve_annotation(
            project=cells, annotation_uid=annotation.uid, lead=lena, now=NOW
        ),
    )
    entry.refresh_from_db()
    review.refresh_from_db()
    # Whoever was first: an approval is taken back with the answer, or finds nothing to approve.
    assert entry.state == "awaiting_review"
    assert not review.effective
    assert not Annotation.objects.get().relied_on
