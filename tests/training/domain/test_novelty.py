from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.domain import novelty
from training.domain.novelty import (
    BLOCK,
    NEIGHBOURS,
    calibrating_items,
    directions,
    distances,
    leave_one_out,
    p_values,
    reference,
)


def cloud(rng, number: int, *, at: float = 0.0, dimension: int = 16) -> np.ndarray:
    """Items around one place; `at` moves the place."""
    centre = np.zeros(dimension)
    centre[0], centre[1] = 3.0 - at, at
    return rng.normal(centre, 0.6, size=(number, dimension))


def by_brute_force(row, known) -> float:
    """The definition, one item at a time."""
    unit = row / np.linalg.norm(row)
    far = sorted(1 - float(unit @ (one / np.linalg.norm(one))) for one in known)
    return max(0.0, far[min(NEIGHBOURS, len(far)) - 1])


@pytest.mark.parametrize("known", [1, 4, NEIGHBOURS, 37])
def test_the_distance_is_that_to_the_tenth_nearest(known: int) -> None:
    rng = np.random.default_rng(1)
    learned, new = cloud(rng, known), cloud(rng, BLOCK + 3)
    found = distances(directions(new), directions(learned))
    expected = [by_brute_force(row, learned) for row in new]
    assert found == pytest.approx(expected, abs=1e-6)


def test_leaving_one_out_compares_each_with_all_others() -> None:
    learned = cloud(np.random.default_rng(2), 25)
    expected = [
        by_brute_force(row, np.delete(learned, at, axis=0)) for at, row in enumerate(learned)
    ]
    assert leave_one_out(directions(learned)) == pytest.approx(expected, abs=1e-6)
    assert leave_one_out(directions(learned[:1])).size == 0


@given(
    scores=st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5]), min_size=1, max_size=8),
    ordinary=st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5]), max_size=30),
)
def test_a_p_value_counts_what_is_at_least_as_far(scores, ordinary) -> None:
    expected = [(1 + sum(o >= s for o in ordinary)) / (len(ordinary) + 1) for s in scores]
    assert p_values(scores, ordinary).tolist() == expected


@pytest.mark.parametrize("held_out", [0, 99])
def test_ordinary_items_are_called_novel_as_often_as_promised(held_out: int) -> None:
    """1,000 simulated projects: the share of p-values <= p is p, within its standard error."""
    rng = np.random.default_rng(3)
    limits = np.array([0.05, 0.1, 0.3, 0.5, 0.9])
    found = []
    for _ in range(1000):
        known = reference(cloud(rng, 99), cloud(rng, held_out), p_value=0.05)
        assert known.held_out is bool(held_out)
        found.append(float(known.score(cloud(rng, 1))[1][0]))
    shares = (np.array(found)[:, None] <= limits).mean(axis=0)
    errors = np.sqrt(limits * (1 - limits) / 1000)
    assert np.all(np.abs(shares - limits) <= 3.5 * errors), shares


def test_another_kind_of_item_is_novel_and_the_ordinary_one_is_not() -> None:
    rng = np.random.default_rng(4)
    known = reference(cloud(rng, 300), cloud(rng, 120), p_value=0.01)
    _, strange = known.score(cloud(rng, 50, at=3.0))
    _, ordinary = known.score(cloud(rng, 200))
    assert (strange <= 0.01).mean() > 0.95
    assert (ordinary <= 0.01).mean() < 0.05


def test_too_few_held_out_items_give_way_to_the_learned_ones() -> None:
    rng = np.random.default_rng(5)
    learned = cloud(rng, 150)
    assert reference(learned, cloud(rng, 50), p_value=0.05).held_out
    assert not reference(learned, cloud(rng, 49), p_value=0.05).held_out
    # fifty distances cannot say "one in a hundred"; a hundred and fifty can
    sharp = reference(learned, cloud(rng, 60), p_value=0.01)
    assert not sharp.held_out
    assert sharp.least_p_value == 1 / 151


@pytest.mark.parametrize(("p_value", "needed"), [(1.0, 0), (0.5, 1), (0.05, 19), (0.01, 99)])
def test_how_many_ordinary_items_a_p_value_takes(p_value: float, needed: int) -> None:
    assert calibrating_items(p_value) == needed
    assert p_values([9.9], np.zeros(needed))[0] <= p_value + 1e-12


def test_a_zero_vector_is_no_division_by_zero_and_nothing_known_is_refused() -> None:
    assert distances(directions([[0.0, 0.0]]), directions([[1.0, 0.0]])).tolist() == [1.0]
    with pytest.raises(ValueError, match="nothing is known"):
        distances(directions([[1.0, 0.0]]), directions(np.empty((0, 2))))


def test_the_examples_in_the_text_run() -> None:
    assert doctest.testmod(novelty).failed == 0
