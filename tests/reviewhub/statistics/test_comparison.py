from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from reviewhub.statistics.comparison import (
    Discordance,
    mcnemar,
    paired_bootstrap,
    tango_lower,
    tango_upper,
    wald_lower,
    weighted_sign_test,
)

PAIRS = st.integers(1, 300).flatmap(
    lambda n: st.integers(0, n).flatmap(
        lambda b: st.integers(0, n - b).map(lambda c: Discordance(b=b, c=c, n=n))
    )
)


def constrained_score(pairs: Discordance, d: float) -> float:
    """Tango's statistic with the nuisance share found by search instead of by formula."""

    def loss(q: float) -> float:
        rest = pairs.n - pairs.b - pairs.c
        shares = np.maximum([q, q + d, 1 - 2 * q - d], 1e-300)
        return -float(np.dot([pairs.b, pairs.c, rest], np.log(shares)))

    low, high = max(0.0, -d), (1 - d) / 2
    q = optimize.minimize_scalar(
        loss, bounds=(low, high), method="bounded", options={"xatol": 1e-13}
    ).x
    return (pairs.c - pairs.b - pairs.n * d) / np.sqrt(pairs.n * (2 * q + d * (1 - d)))


def test_answers_are_counted_in_pairs():
    pairs = Discordance.of([1, 1, 0, 0, 1], [1, 0, 1, 1, 1])
    assert pairs == Discordance(b=1, c=2, n=5)
    assert pairs.difference == pytest.approx(0.2)


@pytest.mark.parametrize(("b", "c", "p"), [(10, 2, 0.03857), (15, 10, 0.4244)])
def test_mcnemar_meets_the_published_figures(b, c, p):
    assert mcnemar(Discordance(b=b, c=c, n=1000)) == pytest.approx(p, abs=5e-5)


def test_mcnemar_agrees_with_the_chi_square_form_on_a_large_table():
    exact = mcnemar(Discordance(b=121, c=59, n=314))
    chi_square = (121 - 59) ** 2 / (121 + 59)
    assert chi_square == pytest.approx(21.3556, abs=1e-4)
    assert exact == pytest.approx(stats.chi2.sf(chi_square, 1), rel=0.3)


def test_one_sided_mcnemar_asks_whether_the_second_is_better():
    ahead, behind = Discordance(b=2, c=10, n=12), Discordance(b=10, c=2, n=12)
    assert mcnemar(ahead, alternative="second better") == pytest.approx(0.03857 / 2, abs=1e-5)
    assert mcnemar(behind, alternative="second better") > 0.9


def test_models_that_never_differ_are_not_told_apart():
    assert mcnemar(Discordance(b=0, c=0, n=50)) == 1


def test_the_wald_bound_meets_the_published_figure():
    pairs = Discordance(b=15, c=10, n=1000)
    assert pairs.difference == pytest.approx(-0.005)
    assert wald_lower(pairs) == pytest.approx(-0.01322, abs=1e-5)


def test_the_tango_bound_without_disagreement_is_the_rule_of_three_kind():
    z = stats.norm.ppf(0.95)
    assert tango_lower(Discordance(b=0, c=0, n=80)) == pytest.approx(-(z**2) / (80 + z**2))


@given(PAIRS)
def test_the_tango_bound_solves_the_score_equation(pairs):
    lower = tango_lower(pairs)
    if lower > -1 + 1e-6:
        assert constrained_score(pairs, lower) == pytest.approx(stats.norm.ppf(0.95), abs=2e-3)


@given(PAIRS)
def test_the_tango_bounds_enclose_the_difference(pairs):
    assert -1 <= tango_lower(pairs) <= pairs.difference + 1e-9
    assert pairs.difference - 1e-9 <= tango_upper(pairs) <= 1


def test_the_tango_bound_covers_as_often_as_it_says():
    random = np.random.default_rng(0)
    drawn = random.multinomial([60] * 2000, [0.10, 0.06, 0.84]).tolist()
    missed = [tango_lower(Discordance(b=b, c=c, n=60)) > -0.04 for b, c, _ in drawn]
    assert 0.03 < np.mean(missed) < 0.07


def test_the_bootstrap_finds_the_mean_and_its_uncertainty():
    values = np.random.default_rng(1).choice([-1.0, 0.0, 5.0], p=[0.2, 0.7, 0.1], size=400)
    found = paired_bootstrap(values, seed=7)
    spread = 1.645 * values.std() / np.sqrt(400)
    assert found.mean == pytest.approx(values.mean())
    assert found.lower == pytest.approx(values.mean() - spread, abs=0.02)
    assert found.upper == pytest.approx(values.mean() + spread, abs=0.02)


def test_the_bootstrap_averages_sets_by_weight_not_by_size():
    found = paired_bootstrap(np.zeros(1000), np.ones(10), weights=(0.25, 0.75), seed=0)
    assert (found.mean, found.lower, found.upper) == (0.75, 0.75, 0.75)


def test_the_bootstrap_weighs_items_as_it_is_told():
    found = paired_bootstrap([0.0, 1.0], item_weights=[[1.0, 3.0]], seed=0)
    assert found.mean == 0.75
    assert (found.lower, found.upper) == (0.0, 1.0)
    values = np.random.default_rng(2).integers(-1, 2, size=400)
    weights = np.random.default_rng(3).uniform(1, 5, size=400)
    error = weights * (values - np.average(values, weights=weights)) / weights.sum()
    found = paired_bootstrap(values, item_weights=[weights], seed=0)
    assert found.upper - found.mean == pytest.approx(1.645 * np.sqrt(np.sum(error**2)), rel=0.1)


@given(st.lists(st.integers(-1, 1), max_size=40), st.floats(0.1, 50))
def test_with_equal_weights_the_weighted_test_is_that_of_mcnemar(differences, weight):
    d = np.asarray(differences, int)
    pairs = Discordance(b=int(np.sum(d < 0)), c=int(np.sum(d > 0)), n=d.size)
    p = weighted_sign_test(d, np.full(d.size, weight), seed=1)
    assert p == mcnemar(pairs, alternative="second better")


def test_the_weighted_test_counts_every_assignment_of_signs():
    """Wins of 1, 2 and 3, and the guard of 2 against them: 4 is seen, 4 sums of 16 reach it."""
    p = weighted_sign_test([1, 1, 1], [1.0, 2.0, 3.0], seed=1, resamples=200_000)
    assert p == pytest.approx(4 / 16, abs=0.003)


def test_a_single_heavy_win_is_no_evidence():
    assert weighted_sign_test([1] + [0] * 40, [50.0] + [2.0] * 40, seed=1) > 0.2
    assert weighted_sign_test([0] * 40, np.linspace(1, 9, 40), seed=1) > 0.4


def test_weights_that_make_no_sense_are_refused():
    for weights in ([1.0], [1.0, 0.0], [1.0, float("inf")]):
        with pytest.raises(ValueError, match="eight"):
            weighted_sign_test([1, -1], weights, seed=1)


@pytest.mark.parametrize("few", [20, 60, 100])
def test_a_rare_loss_of_great_weight_deceives_the_weighted_test_no_oftener_than_it_says(few):
    """Ahead where draws are likely, behind where they are not, and on average equal."""
    called = []
    for seed in range(1000):
        random = np.random.default_rng(seed)
        doubtful = random.random(few) < 0.8
        weights = np.where(doubtful, 2.0, 24.0)
        # Per item of traffic the doubtful are 1.6 of 6.4: a gain of .45 there, a loss of .15 else.
        chance = np.where(doubtful, 0.45, -0.15)
        d = np.where(random.random(few) < np.abs(chance), np.sign(chance), 0)
        called.append(weighted_sign_test(d, weights, seed=seed, resamples=2000) <= 0.05)
    assert np.mean(called) <= 0.05


def test_the_bootstrap_replays_with_its_seed():
    values = np.random.default_rng(0).integers(-3, 4, size=200)
    assert paired_bootstrap(values, seed=3) == paired_bootstrap(values, seed=3)
    assert paired_bootstrap(values, seed=3) != paired_bootstrap(values, seed=4)


def test_impossible_comparisons_are_refused():
    with pytest.raises(ValueError, match="fit into"):
        Discordance(b=3, c=3, n=5)
    with pytest.raises(ValueError, match="equally many"):
        Discordance.of([1], [1, 0])
    with pytest.raises(ValueError, match="Without items"):
        tango_lower(Discordance(b=0, c=0, n=0))
    with pytest.raises(ValueError, match="at least one"):
        paired_bootstrap([], seed=0)
