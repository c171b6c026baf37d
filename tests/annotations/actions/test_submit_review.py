from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import (
    AlreadyAnswered,
    AnsweredOtherwise,
    BlindConfirmation,
    EntryClosed,
    LeaseLost,
    ReasonMissing,
    TokenReused,
    UnknownEntry,
    UnknownLabel,
)
from annotations.models import Annotation, Approval, Assignment, QueueEntry, Review
from reviewhub.common.ids import uuid7
from reviewhub.common.models import AuditEntry, OutboxEvent, Tally
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PATIENT = ReviewSpec(grace_seconds=600, blind_share=0.0)
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, grace_seconds=600, blind_share=0.0)


def answer(cells, entry, reviewer, verdict="label", *, now=NOW, **fields):
    given = {"label_key": "good" if verdict == "label" else "", "token": uuid7(), **fields}
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer,
        verdict=verdict,
        seconds=3.0,
        now=now,
        **given,
    )


@pytest.fixture
def cells():
    return factories.project(review=PATIENT)


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells)


def test_a_label_that_agrees_confirms_and_another_corrects(cells, rita):
    entry = factories.queued(cells, label="defect")
    assert answer(cells, entry, rita, label_key="defect").verdict == "confirmed"
    other = factories.queued(cells, label="defect")
    assert answer(cells, other, rita, label_key="good").verdict == "corrected"


def test_one_answer_settles_and_waits_for_approval(cells, rita):
    entry = factories.queued(cells, label="defect")
    answer(cells, entry, rita)
    entry.refresh_from_db()
    annotation = Annotation.objects.get()
    assert entry.state == "awaiting_approval"
    assert (annotation.how, annotation.label_key, annotation.corrects) == ("single", "good", True)
    assert not Approval.objects.exists()


def test_a_correction_tells_the_client_what_it_was_and_what_it_is(cells, rita):
    answer(cells, factories.queued(cells, label="defect"), rita)
    event = OutboxEvent.objects.get(type="annotation.corrected")
    assert (event.data["predicted"], event.data["label"]) == ("defect", "good")
    assert OutboxEvent.objects.filter(type="annotation.settled").count() == 1


def test_without_a_grace_period_the_annotation_is_approved_at_once():
    cells = factories.project(review=ReviewSpec(grace_seconds=0))
    entry = factories.queued(cells)
    answer(cells, entry, factories.reviewer(cells))
    entry.refresh_from_db()
    assert entry.state == "approved"
    assert Approval.objects.get().policy == "review policy 1"


def test_two_that_agree_settle_and_two_that_do_not_dispute():
    cells = factories.project(review=TWO)
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    agreed, disputed = factories.queued(cells), factories.queued(cells)
    for entry, labels in ((agreed, ("good", "good")), (disputed, ("good", "defect"))):
        for person, label in zip((rita, rolf), labels, strict=True):
            answer(cells, entry, person, label_key=label)
        entry.refresh_from_db()
    assert (agreed.state, disputed.state) == ("awaiting_approval", "awaiting_adjudication")
    assert Annotation.objects.get().how == "consensus"


def test_unusable_is_a_judgement_and_needs_a_reason(cells, rita):
    entry = factories.queued(cells)
    with pytest.raises(ReasonMissing):
        answer(cells, entry, rita, "reject")
    answer(cells, entry, rita, "reject", reason="too-blurred")
    assert (Annotation.objects.get().outcome, Annotation.objects.get().label_key) == (
        "unusable",
        "",
    )


def test_a_skip_gives_the_item_to_a_colleague_and_many_skips_to_a_lead(cells, rita):
    rolf, rosa = factories.reviewer(cells), factories.reviewer(cells)
    entry = factories.queued(cells)
    for person in (rita, rolf, rosa):
        lease = claim_next(project=cells, reviewer=person, now=NOW)
        assert lease.entry == entry
        answer(cells, entry, person, "skip", reason="unsure")
        assert claim_next(project=cells, reviewer=person, now=NOW) is None
    entry.refresh_from_db()
    assert entry.state == "awaiting_adjudication"


def test_the_same_token_again_returns_the_stored_answer(cells, rita):
    entry, token = factories.queued(cells), uuid7()
    first = answer(cells, entry, rita, token=token)
    assert answer(cells, entry, rita, token=token) == first
    assert Review.objects.count() == 1
    with pytest.raises(TokenReused):
        answer(cells, factories.queued(cells), rita, token=token)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"label_key": "good"}, {"label_key": "defect"}),
        ({"label_key": "defect"}, {"label_key": "good"}),
        ({"label_key": "good"}, {"verdict": "confirm"}),
        ({"verdict": "confirm"}, {"label_key": "good"}),
        ({"label_key": "good"}, {"verdict": "reject", "reason": "too-blurred"}),
        ({"verdict": "reject", "reason": "too-blurred"}, {"label_key": "good"}),
        ({"verdict": "reject", "reason": "too-blurred"}, {"verdict": "reject", "reason": "other"}),
        ({"verdict": "reject", "reason": "other"}, {"verdict": "skip", "reason": "other"}),
        ({"verdict": "skip", "reason": "unsure"}, {"verdict": "confirm"}),
    ],
)
def test_the_same_token_with_another_answer_is_refused_and_changes_nothing(
    cells, rita, first, then
):
    entry, token = factories.queued(cells, label="defect"), uuid7()
    stored = answer(cells, entry, rita, token=token, **first)
    before = (AuditEntry.objects.count(), Tally.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(AnsweredOtherwise) as refused:
        answer(cells, entry, rita, token=token, **then)
    assert refused.value.data == {"review": str(stored.uid)}
    assert refused.value.status == 422
    assert Review.objects.get().uid == stored.uid
    after = (AuditEntry.objects.count(), Tally.objects.count(), OutboxEvent.objects.count())
    assert after == before
    assert answer(cells, entry, rita, token=token, **first) == stored


def test_to_confirm_and_to_say_the_same_label_are_one_answer(cells, rita):
    entry, token = factories.queued(cells, label="defect"), uuid7()
    first = answer(cells, entry, rita, "confirm", token=token)
    assert answer(cells, entry, rita, label_key="defect", token=token) == first


def test_sending_a_blind_answer_again_as_a_confirmation_tells_nothing_of_the_model():
    cells = factories.project(rules=factories.EVERYTHING_AUDITED)
    rita = factories.reviewer(cells)
    for label in ("good", "defect"):
        entry, token = factories.queued(cells, label=label), uuid7()
        answer(cells, entry, rita, token=token)
        with pytest.raises(AnsweredOtherwise):
            answer(cells, entry, rita, "confirm", token=token)


def test_an_answer_is_found_again_though_its_item_is_shown_blind_by_now(cells, rita):
    entry, token = factories.queued(cells, label="defect"), uuid7()
    first = answer(cells, entry, rita, "confirm", token=token)
    QueueEntry.objects.filter(pk=entry.pk).update(blind=True)
    assert answer(cells, entry, rita, "confirm", token=token) == first


def test_a_second_answer_of_the_same_person_is_refused(rita):
    cells = factories.project(review=TWO)
    entry = factories.queued(cells)
    answer(cells, entry, rita)
    with pytest.raises(AlreadyAnswered):
        answer(cells, entry, rita)


def test_a_label_outside_the_taxonomy_and_an_entry_of_another_project_are_refused(cells, rita):
    entry = factories.queued(cells)
    with pytest.raises(UnknownLabel):
        answer(cells, entry, rita, label_key="scratch")
    with pytest.raises(UnknownEntry):
        answer(factories.project(), entry, rita)


def test_a_blind_entry_cannot_be_confirmed_only_labelled():
    cells = factories.project(rules=factories.EVERYTHING_AUDITED)
    entry, rita = factories.queued(cells), factories.reviewer(cells)
    with pytest.raises(BlindConfirmation):
        answer(cells, entry, rita, "confirm")
    assert answer(cells, entry, rita).blind


def test_a_lease_that_ran_out_rejects_no_answer_that_nobody_else_gave(cells, rita):
    entry = factories.queued(cells)
    claim_next(project=cells, reviewer=rita, now=NOW)
    later = NOW + timedelta(hours=1)
    assert sweep_leases(now=later) == 1
    assert answer(cells, entry, rita, now=later).effective


def test_a_slot_that_a_colleague_has_taken_is_lost(cells, rita):
    entry, rolf = factories.queued(cells), factories.reviewer(cells)
    claim_next(project=cells, reviewer=rita, now=NOW)
    later = NOW + timedelta(hours=1)
    claim_next(project=cells, reviewer=rolf, now=later)
    with pytest.raises(LeaseLost):
        answer(cells, entry, rita, now=later)
    answer(cells, entry, rolf, now=later)
    with pytest.raises(EntryClosed):
        answer(cells, entry, rita, now=later)
    assert Review.objects.count() == 1


def test_time_on_screen_is_capped(cells, rita):
    entry = factories.queued(cells)
    review = submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rita,
        verdict="label",
        label_key="good",
        token=uuid7(),
        seconds=90_000,
        now=NOW,
    )
    assert review.seconds == 600


@pytest.mark.both_databases
def test_the_database_itself_keeps_one_effective_answer_per_person(cells, rita):
    entry = factories.queued(cells)
    review = answer(cells, entry, rita)
    again = Review(
        entry=entry,
        reviewer=rita,
        verdict="corrected",
        label_key="good",
        blind=False,
        seconds=1.0,
        token=uuid7(),
        created_at=NOW,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()
    assert Review.objects.get() == review


@pytest.mark.both_databases
def test_the_database_itself_refuses_to_rewrite_an_answer(cells, rita):
    review = answer(cells, factories.queued(cells), rita)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(label_key="defect")
    review.refresh_from_db()
    assert review.label_key == "good"


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_same_answer_sent_by_four_tabs_at_once_counts_once():
    cells = factories.project(review=PATIENT)
    rita, entry, token = factories.reviewer(cells), factories.queued(cells), uuid7()
    claim_next(project=cells, reviewer=rita, now=NOW)
    results = at_once(*[lambda: answer(cells, entry, rita, token=token)] * 4)
    assert {result.uid for result in results} == {Review.objects.get().uid}
    assert Annotation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_two_labels_sent_at_once_under_one_token_the_first_stored_is_kept():
    cells = factories.project(review=PATIENT)
    rita, entry, token = factories.reviewer(cells), factories.queued(cells), uuid7()
    claim_next(project=cells, reviewer=rita, now=NOW)
    labels = ["good", "defect"] * 2
    results = at_once(
        *[
            lambda label=label: answer(cells, entry, rita, label_key=label, token=token)
            for label in labels
        ]
    )
    kept = Review.objects.get()
    for label, result in zip(labels, results, strict=True):
        if label == kept.label_key:
            assert result == kept
        else:
            assert isinstance(result, AnsweredOtherwise)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_one_token_that_races_itself_on_several_items_answers_one_of_them():
    cells = factories.project(review=PATIENT)
    rita, token = factories.reviewer(cells), uuid7()
    entries = [factories.queued(cells) for _ in range(4)]
    results = at_once(
        *[lambda entry=entry: answer(cells, entry, rita, token=token) for entry in entries]
    )
    assert Review.objects.count() == 1
    assert sum(isinstance(result, Review) for result in results) == 1
    assert sum(isinstance(result, TokenReused) for result in results) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_of_six_people_who_answer_at_once_only_those_wanted_are_counted():
    cells = factories.project(review=TWO)
    people = [factories.reviewer(cells) for _ in range(6)]
    entry = factories.queued(cells)
    results = at_once(*[lambda person=person: answer(cells, entry, person) for person in people])
    stored = [result for result in results if isinstance(result, Review)]
    assert len(stored) == 2
    assert all(isinstance(r, Review | LeaseLost | EntryClosed) for r in results)
    entry.refresh_from_db()
    assert (entry.answers_given, entry.slots_open, entry.state) == (2, 0, "awaiting_approval")
    assert not Assignment.objects.filter(state="held").exists()
    assert QueueEntry.objects.count() == 1
