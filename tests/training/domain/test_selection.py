from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy.stats import chisquare

from training.domain import selection
from training.domain.selection import COPY_COSINE, POOL, choose, most_uncertain


def groups(rng, sizes, *, spread: float = 0.35, dimension: int = 12) -> tuple[np.ndarray, list]:
    """Vectors in as many clusters as there are sizes, and the cluster of each."""
    rows, belongs = [], []
    for at, size in enumerate(sizes):
        centre = np.zeros(dimension)
        centre[at] = 1.0
        rows.append(rng.normal(centre, spread / np.sqrt(dimension), size=(size, dimension)))
        belongs += [at] * size
    return np.concatenate(rows), belongs


def test_near_copies_never_take_two_places() -> None:
    rng = np.random.default_rng(1)
    originals = rng.normal(size=(12, 8))
    copies = np.concatenate([originals, originals + rng.normal(0, 0.01, size=(12, 8))])
    for seed in range(20):
        chosen = choose(rng.random(24), copies, budget=10, seed=seed)
        assert len({at % 12 for at in chosen}) == len(chosen) == 10
        unit = copies[chosen] / np.linalg.norm(copies[chosen], axis=1, keepdims=True)
        assert np.triu(unit @ unit.T, k=1).max() <= COPY_COSINE


def test_one_picture_sent_a_hundred_times_takes_one_place() -> None:
    assert len(choose([0.5] * 100, np.ones((100, 4)), budget=10, seed=0)) == 1


def test_of_two_copies_the_more_uncertain_stays() -> None:
    vectors = [[1, 0], [1, 0.001], [0, 1]]
    assert choose([0.2, 0.9, 0.5], vectors, budget=2, seed=0) == [1, 2]


def test_with_all_scores_tied_every_item_is_as_likely() -> None:
    """Orthogonal items differ in nothing but their position: chi-squared over 500 draws."""
    items, budget = 20, 2
    counted = np.zeros(items)
    for seed in range(500):
        counted[choose([0.5] * items, np.eye(items), budget=budget, seed=seed)] += 1
    assert counted.sum() == 500 * budget
    assert chisquare(counted).pvalue > 0.001


def test_it_does_not_collapse_into_the_one_hard_cluster_as_plain_uncertainty_does() -> None:
    rng = np.random.default_rng(2)
    vectors, belongs = groups(rng, [60, 20, 10, 10])
    hardest_first = np.array([1.0, 0.8, 0.7, 0.6])[belongs] + rng.normal(0, 0.05, len(belongs))
    plain = {belongs[at] for at in np.argsort(-hardest_first)[:20]}
    chosen = [belongs[at] for at in choose(hardest_first, vectors, budget=20, seed=3)]
    assert plain == {0}
    assert set(chosen) == {0, 1, 2, 3}
    assert max(np.bincount(chosen)) <= 14


def test_what_the_model_is_sure_of_is_left_alone() -> None:
    rng = np.random.default_rng(4)
    uncertainty = np.r_[rng.uniform(0.6, 1, 50), rng.uniform(0, 0.4, 500)]
    chosen = choose(uncertainty, rng.normal(size=(550, 6)), budget=10, seed=0)
    assert len(chosen) == 10
    assert max(chosen) < 50


def test_the_same_seed_chooses_the_same_items_most_uncertain_first() -> None:
    rng = np.random.default_rng(5)
    uncertainty, vectors = rng.random(200), rng.normal(size=(200, 6))
    first = choose(uncertainty, vectors, budget=8, seed=7)
    assert first == choose(uncertainty, vectors, budget=8, seed=7)
    assert list(uncertainty[first]) == sorted(uncertainty[first], reverse=True)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_fewer_items_than_places_are_all_chosen(number: int) -> None:
    assert sorted(choose([0.1] * number, np.eye(3)[:number], budget=5, seed=0)) == [*range(number)]


def test_the_pool_is_bounded_and_chance_decides_ties() -> None:
    pools = [most_uncertain([0.5] * 100, budget=2, seed=seed) for seed in (1, 2)]
    assert all(len(pool) == POOL * 2 for pool in pools)
    assert pools[0] != pools[1]


def test_the_examples_in_the_text_run() -> None:
    assert doctest.testmod(selection).failed == 0
