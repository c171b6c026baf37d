from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.leave_grid import leave_grid
from annotations.actions.revise_review_policy import revise_review_policy
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.errors import GridAnswered, GridTooQuick, UndoImpossible, UnknownGrid
from annotations.models import Annotation, Assignment, QueueEntry, Review
from annotations.queries.accounting import queue_accounting
from annotations.queries.grid_cells import cells_of, last_answered
from reviewhub.common.errors import InvalidInput
from reviewhub.common.ids import uuid7
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import DEFECT, GOOD
from tests.grids import (
    gold,
    gold_cells,
    grid_policy,
    grid_project,
    places,
    sent,
    shown,
    waiting,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return grid_project()


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells, "rita")


def of_grid(grid):
    return Review.objects.filter(grid=grid)


@pytest.mark.both_databases
def test_the_rest_is_confirmed_each_with_its_grid_and_its_share_of_the_time(cells, rita):
    entries = waiting(cells, 12)
    grid = shown(cells, rita)
    answer = sent(cells, grid, rita, odd=places(grid, entries[:2]), after=30.0)
    assert (answer.confirmed, answer.to_judge, answer.skipped) == (10, 2, [])
    reviews = list(of_grid(grid).select_related("entry", "assignment"))
    assert {review.entry for review in reviews} == set(entries[2:])
    assert {(r.verdict, r.label_key, r.blind, r.seconds) for r in reviews} == {
        ("confirmed", GOOD, False, 2.5)
    }
    assert all(review.assignment.state == "answered" for review in reviews)
    assert {review.entry.state for review in reviews} == {"awaiting_approval"}
    assert Annotation.objects.filter(entry__in=entries, how="single", label_key=GOOD).count() == 10
    grid.refresh_from_db()
    assert (grid.seconds, grid.answered_at) == (30.0, grid.shown_at + timedelta(seconds=30))
    assert queue_accounting(cells.pk).balanced


def test_odd_ones_are_decided_by_nobody_and_come_next_one_by_one(cells, rita):
    entries = waiting(cells, 14)
    grid = shown(cells, rita)
    sent(cells, grid, rita, odd=places(grid, entries[3:5]))
    assert not Review.objects.filter(entry__in=entries[3:5]).exists()
    now = grid.shown_at + timedelta(seconds=20)
    came = []
    for _ in range(2):
        lease = claim_next(project=cells, reviewer=rita, now=now)
        came.append(lease.entry)
        _judge(cells, lease.entry, rita, now=now)
    assert set(came) == set(entries[3:5])
    assert claim_next(project=cells, reviewer=rita, now=now).entry == entries[12]


def test_an_odd_one_is_held_firmly_and_longer_the_more_there_are(cells, rita):
    entries = waiting(cells, 4)
    grid = shown(cells, rita)
    sent(cells, grid, rita, odd=places(grid, entries[:3]))
    held = Assignment.objects.filter(reviewer=rita, state="held")
    assert {lease.entry for lease in held} == set(entries[:3])
    assert not any(lease.soft for lease in held)
    assert {lease.lease_until - grid.shown_at for lease in held} == {
        timedelta(seconds=12 + 3 * 600)
    }


def test_gold_is_no_answer_but_what_was_said_of_it_is_kept(cells, rita):
    known = gold(cells, DEFECT, DEFECT)
    waiting(cells, 12)
    grid = shown(cells, rita)
    (cell,) = gold_cells(grid)
    answer = sent(cells, grid, rita, odd=[cell.position])
    assert (answer.confirmed, answer.to_judge) == (11, 0)
    (cell,) = gold_cells(grid)
    assert (cell.gold_odd, cell.said_odd) == (True, True)
    assert not Review.objects.filter(entry__item__in=known).exists()
    assert set(grid.cells.exclude(pk=cell.pk).values_list("said_odd", flat=True)) == {False}


def test_a_grid_that_was_not_looked_at_long_enough_is_refused_and_nothing_is_lost(cells, rita):
    waiting(cells, 3)
    grid = shown(cells, rita)
    token = uuid7()
    with pytest.raises(GridTooQuick) as refused:
        sent(cells, grid, rita, token=token, after=4.2)
    assert refused.value.data == {"seconds": 2}
    assert not of_grid(grid).exists()
    assert sent(cells, grid, rita, token=token, after=6.0).confirmed == 3


def test_the_same_token_with_other_marks_is_refused(cells, rita):
    entries = waiting(cells, 5)
    grid, token = shown(cells, rita), uuid7()
    sent(cells, grid, rita, odd=places(grid, entries[:1]), token=token)
    for odd in (places(grid, entries[:2]), places(grid, entries[1:2]), []):
        with pytest.raises(GridAnswered):
            sent(cells, grid, rita, odd=odd, token=token)
    assert of_grid(grid).count() == 4


def test_the_same_token_again_answers_the_same_and_another_is_refused(cells, rita):
    entries = waiting(cells, 5)
    grid = shown(cells, rita)
    token, odd = uuid7(), places(grid, entries[:1])
    first = sent(cells, grid, rita, odd=odd, token=token)
    again = sent(cells, grid, rita, odd=odd, token=token, after=99.0)
    assert (again.confirmed, again.to_judge, again.skipped) == (
        first.confirmed,
        first.to_judge,
        first.skipped,
    )
    assert of_grid(grid).count() == 4
    with pytest.raises(GridAnswered):
        sent(cells, grid, rita)
    assert AuditEntry.objects.filter(action="grid.answer").count() == 1


def test_it_answers_the_same_when_odd_ones_have_been_judged_since(cells, rita):
    entries = waiting(cells, 3)
    grid, token = shown(cells, rita), uuid7()
    sent(cells, grid, rita, odd=places(grid, entries[:1]), token=token)
    _judge(cells, entries[0], rita, now=factories.present())
    again = sent(cells, grid, rita, odd=places(grid, entries[:1]), token=token)
    assert (again.confirmed, again.skipped) == (2, [])


def test_what_was_closed_meanwhile_is_told_by_its_number_and_the_rest_counts(cells, rita):
    entries = waiting(cells, 6)
    grid = shown(cells, rita)
    now = factories.present()
    for entry in (entries[0], entries[1]):
        withdraw_entry(
            project=cells,
            entry_uid=entry.uid,
            actor=factories.TESTER,
            reason="sent twice",
            now=now,
        )
    _judge(cells, entries[2], rita, now=now)
    answer = sent(cells, grid, rita, odd=places(grid, entries[:1]))
    assert answer.confirmed == 3
    assert answer.to_judge == 0
    assert answer.skipped == places(grid, entries[:3])
    assert Review.objects.filter(entry=entries[2], effective=True).get().grid is None


def test_what_became_an_audit_meanwhile_is_not_confirmed_unseen(cells, rita):
    entries = waiting(cells, 3)
    grid = shown(cells, rita)
    QueueEntry.objects.filter(pk=entries[1].pk).update(blind=True, audited=True)
    answer = sent(cells, grid, rita)
    assert (answer.confirmed, answer.skipped) == (2, places(grid, entries[1:2]))
    assert not Review.objects.filter(entry=entries[1]).exists()


def test_a_lease_that_ran_out_loses_nothing_that_nobody_else_took(cells, rita):
    entries = waiting(cells, 3)
    grid = shown(cells, rita)
    later = grid.shown_at + timedelta(hours=1)
    sweep_leases(now=later)
    rolf = factories.reviewer(cells)
    taken = claim_next(project=cells, reviewer=rolf, now=later)
    odd = places(grid, entries[2:])
    answer = sent(cells, grid, rita, odd=odd, after=3700.0)
    assert taken.entry == entries[0]
    assert (answer.confirmed, answer.to_judge) == (1, 1)
    assert answer.skipped == places(grid, entries[:1])
    assert claim_next(project=cells, reviewer=rita, now=later).entry == entries[2]


def test_a_grid_given_back_may_still_be_sent(cells, rita):
    waiting(cells, 3)
    grid = shown(cells, rita)
    leave_grid(project=cells, reviewer=rita, now=factories.present())
    assert sent(cells, grid, rita).confirmed == 3


def test_two_people_whose_answers_are_wanted_agree_by_two_grids():
    cells = grid_project()
    two = grid_policy(answers_wanted=2, agreement_needed=2)
    revise_review_policy(project=cells, review=two, actor=factories.TESTER, now=factories.present())
    entries = waiting(cells, 4)
    for _ in range(2):
        person = factories.reviewer(cells)
        assert sent(cells, shown(cells, person), person).confirmed == 4
    settled = Annotation.objects.filter(entry__in=entries)
    assert {annotation.how for annotation in settled} == {"consensus"}
    assert settled.count() == 4


def test_every_cell_can_be_taken_back_as_any_review(cells, rita):
    entries = waiting(cells, 3)
    grid = shown(cells, rita)
    sent(cells, grid, rita)
    review = of_grid(grid).get(entry=entries[1])
    undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=factories.present())
    told = {cell.item.pk: cell.review for cell in cells_of(last_answered(cells, rita))}
    assert told[entries[1].item_id] is None
    assert told[entries[0].item_id].grid == grid
    assert claim_next(project=cells, reviewer=rita, now=factories.present()).entry == entries[1]
    assert queue_accounting(cells.pk).balanced


def test_of_the_last_ten_a_grid_is_one_however_many_it_confirmed(cells, rita):
    (first,) = waiting(cells, 1)
    early = _judge(cells, first, rita, now=factories.present())
    grids = []
    for _ in range(2):
        waiting(cells, 12)
        grids.append(shown(cells, rita))
        sent(cells, grids[-1], rita, after=30.0)
    now = factories.present() + timedelta(minutes=5)
    for review in [*of_grid(grids[0]), *of_grid(grids[1]), early]:
        undo_review(project=cells, review_uid=review.uid, reviewer=rita, now=now)
    assert not Review.objects.filter(reviewer=rita, effective=True).exists()
    assert queue_accounting(cells.pk).balanced


def test_ten_answers_later_a_grid_stays_as_it_is(cells, rita):
    waiting(cells, 2)
    grid = shown(cells, rita)
    sent(cells, grid, rita)
    now = grid.shown_at + timedelta(minutes=1)
    for entry in waiting(cells, 10):
        _judge(cells, entry, rita, now=now)
    with pytest.raises(UndoImpossible):
        undo_review(project=cells, review_uid=of_grid(grid)[0].uid, reviewer=rita, now=now)


def test_the_audit_trail_says_what_was_sent(cells, rita):
    entries = waiting(cells, 3)
    grid = shown(cells, rita)
    odd = places(grid, entries[:1])
    sent(cells, grid, rita, odd=odd)
    told = AuditEntry.objects.get(action="grid.answer")
    assert told.after == {
        "label": GOOD,
        "confirmed": 2,
        "odd": odd,
        "skipped": [],
        "seconds": 12.0,
    }
    assert AuditEntry.objects.filter(action="review.submit", actor_name="rita").count() == 2


def test_nobody_answers_the_grid_of_another(cells, rita):
    waiting(cells, 3)
    grid = shown(cells, rita)
    with pytest.raises(UnknownGrid):
        sent(cells, grid, factories.reviewer(cells))


def test_a_number_that_the_grid_has_not_is_refused(cells, rita):
    waiting(cells, 3)
    grid = shown(cells, rita)
    with pytest.raises(InvalidInput):
        sent(cells, grid, rita, odd=[1, 13])
    assert not of_grid(grid).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_sent_four_times_at_once_it_counts_once():
    cells = grid_project()
    rita = factories.reviewer(cells)
    waiting(cells, 12)
    grid, token = shown(cells, rita), uuid7()
    answers = at_once(*[lambda: sent(cells, grid, rita, token=token) for _ in range(4)])
    assert [getattr(answer, "confirmed", answer) for answer in answers] == [12] * 4
    assert of_grid(grid).count() == 12
    assert queue_accounting(cells.pk).balanced


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_while_a_grid_is_sent_its_entries_are_judged_elsewhere_and_each_counts_once():
    cells = grid_project()
    rita = factories.reviewer(cells)
    entries = waiting(cells, 12)
    grid = shown(cells, rita)
    now = factories.present()
    results = at_once(
        lambda: sent(cells, grid, rita),
        *[lambda entry=entry: _judge(cells, entry, rita, now=now) for entry in entries[-4:]],
    )
    confirmed = results[0]
    singly = [each for each in results[1:] if isinstance(each, Review)]
    assert confirmed.confirmed + len(singly) == 12
    assert len(confirmed.skipped) == len(singly)
    assert Review.objects.filter(entry__in=entries, effective=True).count() == 12
    assert queue_accounting(cells.pk).balanced


def _judge(cells, entry, by, *, now, label=DEFECT):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=by,
        verdict="label",
        label_key=label,
        token=uuid7(),
        seconds=2.0,
        now=now,
    )
