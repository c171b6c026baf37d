from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reviewhub.statistics.intervals import clopper_pearson, wilson

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_clopper_pearson_meets_the_published_figures():
    assert clopper_pearson(0, 300) == pytest.approx((0, 0.012221), abs=1e-6)
    assert clopper_pearson(3, 100) == pytest.approx((0.006230, 0.085176), abs=1e-6)


def test_wilson_meets_the_published_figures():
    assert wilson(3, 100) == pytest.approx((0.010255, 0.084519), abs=1e-6)


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_both_agree_with_scipy(counts, confidence):
    result = stats.binomtest(*counts)
    exact = result.proportion_ci(confidence, method="exact")
    score = result.proportion_ci(confidence, method="wilson")
    assert clopper_pearson(*counts, confidence=confidence) == pytest.approx(tuple(exact), abs=1e-9)
    assert wilson(*counts, confidence=confidence) == pytest.approx(tuple(score), abs=1e-9)


@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
def test_without_trials_anything_is_possible(interval):
    assert interval(0, 0) == (0, 1)


@pytest.mark.parametrize("interval", [clopper_pearson, wilson])
@pytest.mark.parametrize("wrong", [(-1, 5, 0.95), (6, 5, 0.95), (1, 5, 1.0)])
def test_impossible_counts_are_refused(interval, wrong):
    successes, trials, confidence = wrong
    with pytest.raises(ValueError, match=r"cannot be|confidence"):
        interval(successes, trials, confidence=confidence)
