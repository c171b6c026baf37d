from __future__ import annotations

import pytest

from annotations.domain.grid import (
    Allowance,
    Evidence,
    Known,
    Why,
    allowance,
    chosen_gold,
    gold_beside,
    gold_wanted,
    laid_out,
    more_needed,
    seconds_left,
)
from reviewhub.statistics.intervals import wilson


def judged(kept: int, answers: int, *, precision: float = 0.95) -> Allowance:
    return allowance("good", named=["good"], precision=precision, evidence=Evidence(kept, answers))


def test_a_label_that_no_lead_named_is_never_allowed():
    sure = Evidence(1000, 1000)
    assert allowance("good", named=[], precision=0.5, evidence=sure).why is Why.NOT_NAMED
    assert allowance("good", named=["bad"], precision=0.5, evidence=sure).why is Why.NOT_NAMED


def test_a_named_label_is_allowed_once_the_lower_end_of_the_interval_reaches_what_is_asked():
    assert judged(72, 72).why is Why.TOO_FEW
    assert judged(73, 73).allowed


def test_what_is_missing_is_counted_in_answers():
    assert judged(0, 0).more == 73
    assert judged(40, 40).more == 33
    assert judged(36, 36, precision=0.9).allowed


@pytest.mark.parametrize(("kept", "answers"), [(98, 100), (49, 50), (19, 20), (290, 300)])
@pytest.mark.parametrize("precision", [0.8, 0.9, 0.94])
def test_so_many_more_of_the_same_are_enough_and_fewer_are_not(kept, answers, precision):
    more = more_needed(Evidence(kept, answers), precision)
    assert more is not None
    if wilson(kept, answers).lower >= precision:
        return
    share, enough = kept / answers, answers + more
    assert wilson(share * enough, enough).lower >= precision - 1e-9
    assert wilson(share * (enough - 1), enough - 1).lower < precision


def test_a_model_that_is_not_right_often_enough_is_told_so_and_asks_for_nothing():
    assert judged(80, 100).why is Why.NOT_PRECISE
    assert judged(95, 100).why is Why.NOT_PRECISE
    assert judged(95_01, 100_00).why is Why.NOT_PRECISE


def test_gold_is_a_share_of_the_cells_and_never_none_unless_none_is_asked_for():
    assert [gold_wanted(12, share=share) for share in (0.0, 0.01, 0.1, 0.5)] == [0, 1, 1, 6]
    assert gold_wanted(24, share=0.1) == 2


@pytest.mark.parametrize(("cells", "share"), [(12, 0.1), (24, 0.1), (24, 0.25), (12, 0.5)])
def test_a_grid_that_is_not_full_has_less_gold_and_a_full_one_what_was_wanted(cells, share):
    wanted = gold_wanted(cells, share=share)
    assert gold_beside(cells - wanted, share=share) == wanted
    assert gold_beside(1, share=share) == 1
    assert gold_beside(6, share=0.0) == 0


def test_gold_is_more_often_odd_than_fitting_and_both_occur():
    known = [Known(number, odd=number % 2 == 0) for number in range(40)]
    chosen = [chosen_gold(known, wanted=1, seed=seed)[0].odd for seed in range(600)]
    assert 0.6 < sum(chosen) / len(chosen) < 0.74


def test_gold_of_one_sort_takes_the_place_of_the_other_and_no_item_comes_twice():
    known = [Known(1, odd=False), Known(2, odd=False), Known(3, odd=True)]
    for seed in range(20):
        assert {each.item_id for each in chosen_gold(known, wanted=9, seed=seed)} == {1, 2, 3}


def test_what_a_person_has_seen_comes_after_what_they_have_not():
    known = [Known(number, odd=True, seen=number != 3) for number in range(9)]
    assert {chosen_gold(known, wanted=1, seed=seed)[0].item_id for seed in range(50)} == {3}


def test_the_layout_keeps_every_cell_and_differs_from_seed_to_seed():
    cells = list(range(12))
    assert laid_out(cells, seed=7) == laid_out(cells, seed=7)
    assert sorted(laid_out(cells, seed=7)) == cells
    assert len({tuple(laid_out(cells, seed=seed)) for seed in range(20)}) == 20
    places = [laid_out(cells, seed=seed).index(11) for seed in range(240)]
    assert set(places) == set(cells)


@pytest.mark.parametrize(("on_screen", "left"), [(0.0, 6), (3.5, 3), (5.99, 1), (6.0, 0), (99, 0)])
def test_seconds_left_are_whole_and_end_at_none(on_screen, left):
    assert seconds_left(on_screen, least=6.0) == left
