from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import stats

from reviewhub.statistics.estimation import Ratio, kish, korn_graubard, ratio, total
from reviewhub.statistics.intervals import clopper_pearson

PI = np.array([0.05, 0.3, 0.5, 0.7, 0.9, 1.0])
VALUES = np.array([3.0, 0.0, 1.0, 2.5, 1.0, 4.0])


def samples():
    """All 2^6 samples of the population and the probability of each."""
    for chosen in product([False, True], repeat=PI.size):
        drawn = np.array(chosen)
        yield drawn, float(np.prod(np.where(drawn, PI, 1 - PI)))


def test_over_every_possible_sample_the_total_and_its_variance_are_right():
    means = np.zeros(3)
    for drawn, chance in samples():
        estimate = total(VALUES[drawn], PI[drawn])
        means += chance * np.array([estimate.value, estimate.value**2, estimate.variance])
    assert means[0] == pytest.approx(VALUES.sum(), abs=1e-12)
    assert means[2] == pytest.approx(means[1] - means[0] ** 2, abs=1e-10)
    assert means[2] == pytest.approx(float(np.sum(VALUES**2 * (1 - PI) / PI)), abs=1e-10)


def test_a_census_is_the_ratio_itself_without_doubt():
    estimate = ratio([1, 0, 0, 1], [1, 1, 1, 1], [1.0] * 4)
    assert estimate == Ratio(0.5, 0.0, (0.5, 0.5), hits=2, cases=4)
    assert ratio([1, 0, 0, 1], [1, 1, 1, 1], [1.0] * 4, of="process").variance > 0


def test_the_ratio_and_its_linearised_variance_are_the_formulas():
    a, b, pi = np.array([1.0, 0, 1, 0]), np.array([1.0, 1, 1, 0]), np.array([0.1, 0.5, 1, 0.2])
    estimate = ratio(a, b, pi)
    assert estimate.value == pytest.approx((10 + 0 + 1) / (10 + 2 + 1))
    e = a - estimate.value * b
    whole = 13.0
    assert estimate.variance == pytest.approx(np.sum((1 - pi) / pi**2 * e**2) / whole**2)
    process = ratio(a, b, pi, of="process")
    assert process.value == estimate.value
    assert process.variance == pytest.approx(np.sum(e**2 / pi**2) / whole**2)
    assert process.interval.lower < estimate.interval.lower
    assert process.interval.upper > estimate.interval.upper


def test_with_equal_weights_it_is_clopper_pearson():
    a, b = np.repeat([1.0, 0.0], [3, 97]), np.ones(100)
    estimate = ratio(a, b, np.full(100, 1e-9))
    assert estimate.interval == pytest.approx(clopper_pearson(3, 100), abs=1e-6)
    assert estimate.interval == pytest.approx((0.006230, 0.085176), abs=1e-6)


def test_no_miss_is_no_proof_of_none():
    estimate = ratio(np.zeros(300), np.ones(300), np.full(300, 0.01))
    assert estimate.value == 0.0
    assert estimate.interval == pytest.approx((0.0, 0.012221), abs=1e-6)
    perfect = ratio(np.ones(300), np.ones(300), np.full(300, 0.01))
    assert perfect.value == 1.0
    assert perfect.interval == pytest.approx((1 - 0.012221, 1.0), abs=1e-6)


def test_uneven_weights_are_worth_fewer_cases():
    even = ratio(np.zeros(20), np.ones(20), np.full(20, 0.1))
    uneven = ratio(np.zeros(20), np.ones(20), np.repeat([1.0, 0.01], 10))
    assert uneven.interval.upper > even.interval.upper
    assert kish([]) == 0.0


@pytest.mark.parametrize("drawn", [0, 5])
def test_without_a_case_nothing_is_claimed(drawn):
    estimate = ratio(np.zeros(drawn), np.zeros(drawn), np.full(drawn, 0.5))
    assert (estimate.value, estimate.interval) == (None, (0.0, 1.0))
    assert not estimate.enough


@pytest.mark.parametrize(
    ("hits", "cases", "enough"), [(9, 99, False), (10, 50, True), (0, 100, True)]
)
def test_ten_hits_or_a_hundred_cases_are_enough(hits, cases, enough):
    estimate = ratio(np.arange(cases) < hits, np.ones(cases), np.full(cases, 0.2))
    assert (estimate.hits, estimate.cases, estimate.enough) == (hits, cases, enough)


def test_f1_is_a_ratio_too():
    truth, said = np.array([1, 1, 0, 0, 1]), np.array([1, 0, 1, 0, 1])
    true_positive = truth & said
    wrong = truth ^ said
    estimate = ratio(2 * true_positive, 2 * true_positive + wrong, np.ones(5))
    assert estimate.value == pytest.approx(2 * 2 / (2 * 2 + 2))


def test_the_interval_covers_as_often_as_it_says_where_wald_does_not():
    """Rare misses among 4,000 items, audited where they are likelier: 400 simulated days."""
    random = np.random.default_rng(7)
    positive = random.random(4000) < 0.05
    chance = np.where(positive, random.beta(4, 2, 4000), random.beta(1, 12, 4000))
    missed = positive & (chance < 0.4)
    truth = missed.sum() / positive.sum()
    pi = np.clip(0.004 + 0.09 * np.sqrt(chance), 0, 1)
    covered = wald = 0
    for _ in range(400):
        drawn = random.random(4000) < pi
        estimate = ratio(missed[drawn], positive[drawn], pi[drawn])
        covered += estimate.interval.lower <= truth <= estimate.interval.upper
        half = 1.96 * np.sqrt(estimate.variance)
        wald += estimate.value is not None and abs(estimate.value - truth) <= half
    assert 0.9 <= covered / 400 <= 1.0
    assert wald < covered


@pytest.mark.parametrize(
    ("a", "b", "pi"),
    [
        ([1], [1], [0.0]),
        ([1], [1], [1.1]),
        ([1], [1], [float("nan")]),
        ([1, 0], [1, 1], [0.5]),
        ([[1]], [[1]], [[0.5]]),
        ([2], [1], [0.5]),
        ([-1], [1], [0.5]),
        ([float("nan")], [1], [0.5]),
    ],
)
def test_numbers_that_cannot_be_are_refused(a, b, pi):
    with pytest.raises(ValueError, match=r"Wants|probability"):
        ratio(a, b, pi)


def test_the_interval_grows_with_the_confidence():
    narrow = korn_graubard(0.1, 0.001, cases=100, confidence=0.8)
    wide = korn_graubard(0.1, 0.001, cases=100, confidence=0.99)
    assert wide.lower < narrow.lower < 0.1 < narrow.upper < wide.upper
    z = stats.norm.ppf(0.9) * np.sqrt(0.001)
    assert narrow.upper - narrow.lower == pytest.approx(2 * z, rel=0.2)
