from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.actions.adjudicate import adjudicate
from annotations.actions.claim_next import claim_next
from annotations.actions.leave_bench import leave_bench
from annotations.actions.leave_grid import leave_grid
from annotations.actions.pin_example import pin_example
from annotations.actions.revise_review_policy import revise_review_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.actions.show_grid import show_grid
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.labels import TaxonomySpec
from annotations.errors import GridNotAllowed, UnknownLabel
from annotations.models import Annotation, Assignment, Grid, GridCell, Item, QueueEntry
from annotations.queries.grids import offers_in
from reviewhub.common.ids import uuid7
from tests import factories
from tests.factories import DEFECT, GOOD
from tests.grids import (
    gold,
    gold_cells,
    grid_policy,
    grid_project,
    prove,
    sent,
    shown,
    waiting,
)
from tests.kinds import texts_project
from tests.races import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return grid_project()


@pytest.fixture
def rita(cells):
    return factories.reviewer(cells, "rita")


@pytest.mark.both_databases
def test_a_grid_holds_the_first_entries_of_its_label_in_the_order_of_the_queue(cells, rita):
    others = waiting(cells, 3, label=DEFECT)
    first = waiting(cells, 14)
    grid = shown(cells, rita)
    held = Assignment.objects.filter(state="held", reviewer=rita)
    assert {lease.entry for lease in held} == set(first[:12])
    assert not any(lease.soft for lease in held)
    assert {lease.lease_until - lease.claimed_at for lease in held} == {timedelta(minutes=10)}
    assert sorted(grid.cells.values_list("position", flat=True)) == list(range(1, 13))
    assert QueueEntry.objects.filter(pk__in=[each.pk for each in others], slots_open=1).count() == 3
    assert set(QueueEntry.objects.filter(assignments__in=held).values_list("slots_open")) == {(0,)}


def test_blind_entries_never_come_in_a_grid(cells, rita):
    entries = waiting(cells, 3)
    QueueEntry.objects.filter(pk=entries[0].pk).update(blind=True)
    QueueEntry.objects.filter(pk=entries[1].pk).update(blind=True, audited=True)
    grid = shown(cells, rita)
    assert [cell.entry for cell in grid.cells.all()] == [entries[2]]


def test_nor_does_what_a_person_answered_holds_or_may_not_see(cells, rita):
    entries = waiting(cells, 4)
    held = claim_next(project=cells, reviewer=rita, now=factories.present())
    other = claim_next(project=cells, reviewer=factories.reviewer(cells), now=factories.present())
    erased = entries[3].item.content
    erased.image, erased.erased_at = None, factories.present()
    erased.save()
    grid = shown(cells, rita)
    assert held.entry_id in {entry.pk for entry in entries}
    left = {entry.pk for entry in entries[:3]} - {held.entry_id, other.entry_id}
    assert set(grid.cells.values_list("entry", flat=True)) == left


def test_the_grid_that_is_held_comes_again_whatever_is_asked_for(cells, rita):
    revise_review_policy(
        project=cells,
        review=grid_policy(grid_labels=(GOOD, DEFECT)),
        actor=factories.TESTER,
        now=factories.present(),
    )
    waiting(cells, 20)
    grid = shown(cells, rita)
    before = Assignment.objects.filter(reviewer=rita).first().lease_until
    later = grid.shown_at + timedelta(seconds=30)
    assert shown(cells, rita, now=later) == grid
    assert shown(cells, rita, label=DEFECT, now=later) == grid
    assert Assignment.objects.filter(reviewer=rita, state="held").count() == 12
    assert Assignment.objects.filter(reviewer=rita).first().lease_until > before


def test_once_its_leases_have_run_out_another_comes(cells, rita):
    waiting(cells, 3)
    grid = shown(cells, rita)
    later = grid.shown_at + timedelta(hours=1)
    sweep_leases(now=later)
    again = shown(cells, rita, now=later)
    assert again != grid
    assert again.cells.count() == 3


def test_what_is_given_back_waits_for_others_at_once(cells, rita):
    waiting(cells, 3)
    shown(cells, rita)
    now = factories.present()
    assert leave_grid(project=cells, reviewer=rita, now=now) == 3
    assert leave_grid(project=cells, reviewer=rita, now=now) == 0
    assert shown(cells, factories.reviewer(cells)).cells.count() == 3


def test_logging_out_gives_a_grid_back_too(cells, rita):
    waiting(cells, 3)
    shown(cells, rita)
    leave_bench(reviewer=rita, now=factories.present())
    assert shown(cells, factories.reviewer(cells)).cells.count() == 3


def test_where_nothing_waits_there_is_no_grid_and_no_gold_alone(cells, rita):
    gold(cells, DEFECT)
    assert (
        show_grid(project=cells, reviewer=rita, label=GOOD, seed=1, now=factories.present()) is None
    )
    assert not Grid.objects.exists()


def test_a_full_grid_has_gold_in_it_and_nobody_can_tell_by_its_place(cells, rita):
    known = gold(cells, DEFECT, GOOD)
    waiting(cells, 12)
    grid = shown(cells, rita)
    (cell,) = gold_cells(grid)
    assert cell.item in known
    assert cell.gold_odd == (cell.item == known[0])
    assert grid.cells.count() == 12


def test_larger_grids_hold_more_gold_of_both_sorts(cells, rita):
    policy = grid_policy(grid_size=24, grid_gold_share=0.25)
    revise_review_policy(
        project=cells, review=policy, actor=factories.TESTER, now=factories.present()
    )
    gold(cells, *[DEFECT] * 4, *[GOOD] * 4)
    waiting(cells, 24)
    grid = shown(cells, rita)
    assert (grid.cells.count(), len(gold_cells(grid))) == (24, 6)
    assert {cell.gold_odd for cell in gold_cells(grid)} == {True, False}


def test_gold_that_a_lead_does_not_want_is_not_mixed_in(cells, rita):
    policy = grid_policy(grid_gold_share=0.0)
    revise_review_policy(
        project=cells, review=policy, actor=factories.TESTER, now=factories.present()
    )
    gold(cells, DEFECT)
    waiting(cells, 12)
    assert gold_cells(shown(cells, rita)) == []


def test_gold_is_what_a_lead_decided_but_never_what_one_judged_oneself():
    cells = grid_project(review=grid_policy(skips_allowed=0))
    lena, rita, rolf = factories.lead(cells), factories.reviewer(cells), factories.reviewer(cells)
    (entry,) = waiting(cells, 1)
    Item.objects.filter(pk=entry.item_id).update(fold="evaluate")
    _decide(cells, entry, by=rita, lead=lena, truth=DEFECT)
    waiting(cells, 30)
    assert gold_cells(shown(cells, rita)) == []
    assert gold_cells(shown(cells, lena)) == []
    (cell,) = gold_cells(shown(cells, rolf))
    assert (cell.item, cell.gold_odd) == (entry.item, True)


def test_one_answer_alone_makes_no_gold(cells, rita):
    (entry,) = waiting(cells, 1)
    _answer(cells, entry, factories.reviewer(cells), label=DEFECT)
    entry.refresh_from_db()
    QueueEntry.objects.filter(pk=entry.pk).update(state="approved")
    assert Annotation.objects.get(entry=entry).how == "single"
    waiting(cells, 12)
    assert gold_cells(shown(cells, rita)) == []


def test_gold_of_another_predicted_label_or_not_yet_approved_stays_out(cells, rita):
    gold(cells, DEFECT, predicted=DEFECT)
    unapproved = gold(cells, DEFECT)
    Annotation.objects.get(item=unapproved[0]).approval.delete()
    waiting(cells, 12)
    assert gold_cells(shown(cells, rita)) == []


@pytest.mark.both_databases
@pytest.mark.parametrize("fold", ["learn", "validate"])
def test_what_may_be_learned_from_is_no_gold(cells, rita, fold):
    gold(cells, DEFECT, GOOD, fold=fold)
    waiting(cells, 12)
    assert gold_cells(shown(cells, rita)) == []


@pytest.mark.parametrize(
    ("speaks", "named", "is_gold"), [(1, None, False), (1, 2, True), (2, None, True), (2, 1, False)]
)
def test_gold_goes_by_the_label_set_that_its_prediction_is_in(speaks, named, is_gold):
    cells = grid_project(proven=0)
    words = TaxonomySpec(factories.LABELS, guidelines="Other words.")
    revise_taxonomy(project=cells, spec=words, actor=factories.TESTER, now=factories.present())
    prove(cells, right=10)
    gold(cells, DEFECT, speaks=speaks, named=named)
    waiting(cells, 14)
    assert len(gold_cells(shown(cells, factories.reviewer(cells)))) == is_gold


def test_what_the_guideline_shows_is_no_gold(cells, rita):
    told, hidden = gold(cells, DEFECT, DEFECT)
    pin_example(
        project=cells,
        item_uid=told.uid,
        label_key=DEFECT,
        lead=factories.lead(cells),
        now=factories.present(),
    )
    waiting(cells, 24)
    for person in (rita, factories.reviewer(cells)):
        assert [cell.item for cell in gold_cells(shown(cells, person))] == [hidden]


def test_gold_seen_before_comes_again_only_when_there_is_no_other(cells, rita):
    gold(cells, DEFECT, DEFECT, DEFECT)
    seen = []
    for _ in range(3):
        waiting(cells, 12)
        grid = shown(cells, rita, seed=uuid7().int)
        seen.append(gold_cells(grid)[0].item_id)
        sent(cells, grid, rita)
    assert len(set(seen)) == 3
    waiting(cells, 12)
    assert gold_cells(shown(cells, rita))[0].item_id in seen


@pytest.mark.parametrize(
    ("right", "wrong", "why"),
    [(0, 0, "too_few"), (5, 0, "too_few"), (6, 4, "not_precise")],
)
def test_a_label_without_enough_evidence_is_refused_without_a_number(right, wrong, why):
    cells = grid_project(proven=0)
    prove(cells, right=right, wrong=wrong)
    waiting(cells, 2)
    with pytest.raises(GridNotAllowed) as refused:
        shown(cells, factories.reviewer(cells))
    assert refused.value.data == {"why": why}
    assert not Assignment.objects.filter(state="held").exists()


def test_a_label_that_no_lead_named_is_refused_and_so_is_one_that_nobody_knows(cells, rita):
    waiting(cells, 2, label=DEFECT)
    with pytest.raises(GridNotAllowed) as refused:
        shown(cells, rita, label=DEFECT)
    assert refused.value.data["why"] == "not_named"
    with pytest.raises(UnknownLabel):
        shown(cells, rita, label="scratch")


def test_other_kinds_of_work_have_no_grid():
    mail = texts_project(review=grid_policy())
    with pytest.raises(GridNotAllowed) as refused:
        shown(mail, factories.reviewer(mail))
    assert refused.value.data["why"] == "kind"


def test_what_only_an_audit_brought_in_speaks_for_nothing(rita):
    cells = grid_project(proven=40)
    QueueEntry.objects.filter(project=cells).update(audited=True, only_audit=True)
    with pytest.raises(GridNotAllowed):
        shown(cells, factories.reviewer(cells))


def test_several_answers_about_one_item_are_one_piece_of_evidence():
    two = grid_policy(answers_wanted=2, agreement_needed=2)
    cells = grid_project(review=two, proven=8)
    for entry in QueueEntry.objects.filter(project=cells):
        _answer(cells, entry, factories.reviewer(cells), label=GOOD)
    offer = offers_in(cells, factories.reviewer(cells), factories.present()).of(GOOD)
    assert offer is not None
    assert offer.allowance.more == 1


@pytest.mark.both_databases
def test_a_grid_costs_the_same_queries_however_long_the_queue_is(cells):
    counts = []
    for size in (24, 120):
        waiting(cells, size)
        person = factories.reviewer(cells)
        with CaptureQueriesContext(connection) as captured:
            shown(cells, person)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_people_at_once_never_hold_one_entry_together():
    cells = grid_project()
    waiting(cells, 42)
    people = [factories.reviewer(cells) for _ in range(4)]
    grids = at_once(*[lambda person=person: shown(cells, person) for person in people])
    assert all(isinstance(grid, Grid) for grid in grids), grids
    held = Counter(Assignment.objects.filter(state="held").values_list("entry", flat=True))
    assert set(held.values()) == {1}
    assert len(held) == 42
    assert set(QueueEntry.objects.filter(pk__in=held).values_list("slots_open", flat=True)) == {0}
    assert GridCell.objects.filter(entry__isnull=False).count() == 42


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_grids_and_single_claims_at_once_share_the_queue_without_overlap():
    cells = grid_project()
    waiting(cells, 14)
    people = [factories.reviewer(cells) for _ in range(6)]
    calls = [lambda person=person: shown(cells, person) for person in people[:2]]
    calls += [
        lambda person=person: claim_next(project=cells, reviewer=person, now=factories.present())
        for person in people[2:]
    ]
    results = at_once(*calls)
    errors = [each for each in results if isinstance(each, Exception)]
    # Of two grids the second may find nothing left; that is no error of the queue.
    assert all(isinstance(each, AssertionError) for each in errors), errors
    held = Counter(Assignment.objects.filter(state="held").values_list("entry", flat=True))
    assert set(held.values()) == {1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_tabs_of_one_person_get_one_grid():
    cells = grid_project()
    rita = factories.reviewer(cells)
    waiting(cells, 30)
    grids = at_once(*[lambda: shown(cells, rita) for _ in range(4)])
    assert len(set(grids)) == 1
    assert Grid.objects.count() == 1
    assert Assignment.objects.filter(state="held").count() == 12


def _answer(cells, entry, by, *, label):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=by,
        verdict="label",
        label_key=label,
        token=uuid7(),
        seconds=2.0,
        now=factories.present(),
    )


def _decide(cells, entry, *, by, lead, truth):
    """Somebody skipped it, and a lead said what it is."""
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=by,
        verdict="skip",
        reason="unsure",
        token=uuid7(),
        seconds=2.0,
        now=factories.present(),
    )
    adjudicate(
        project=cells,
        entry_uid=entry.uid,
        lead=lead,
        outcome="label",
        label_key=truth,
        now=factories.present(),
    )
