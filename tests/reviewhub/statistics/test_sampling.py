from __future__ import annotations

import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reviewhub.statistics.sampling import keyed_uniform, neyman_shares

KEY = b"a secret of the instance"
PARTS = st.lists(st.text(max_size=8), max_size=4)


def test_it_draws_evenly_between_zero_and_one():
    draws = [keyed_uniform(KEY, "project", str(number)) for number in range(20_000)]
    assert stats.kstest(draws, "uniform").pvalue > 0.001


def test_neighbouring_names_draw_independently():
    draws = [keyed_uniform(KEY, str(number)) for number in range(20_001)]
    assert abs(stats.pearsonr(draws[:-1], draws[1:]).statistic) < 0.03


def test_it_is_the_start_of_the_digest():
    message = (1).to_bytes(8, "big") + b"a" + (2).to_bytes(8, "big") + "é".encode()
    digest = hmac.new(KEY, message, hashlib.sha256).digest()
    expected = int.from_bytes(digest[:8], "big") / 2**64
    assert keyed_uniform(KEY, "a", "é") == pytest.approx(expected, abs=2**-53)


@given(PARTS)
def test_the_same_names_draw_the_same_number_in_the_half_open_interval(parts):
    drawn = keyed_uniform(KEY, *parts)
    assert 0 <= drawn < 1
    assert drawn == keyed_uniform(KEY, *parts)


@given(PARTS, PARTS)
def test_other_names_draw_another_number(some, others):
    same = keyed_uniform(KEY, *some) == keyed_uniform(KEY, *others)
    assert same == (some == others)


def test_another_key_draws_another_number():
    assert keyed_uniform(KEY, "a") != keyed_uniform(b"another", "a")


def test_the_highest_digest_still_draws_less_than_one(monkeypatch):
    monkeypatch.setattr(hmac, "digest", lambda *_: b"\xff" * 32)
    assert keyed_uniform(KEY, "a") < 1


def test_an_empty_key_is_refused():
    with pytest.raises(ValueError, match="needs a key"):
        keyed_uniform(b"", "a")


def test_neymans_division_is_the_known_one_and_the_sharpest():
    """Three strata of 90, 8 and 2 %, error rates .005, .1, .4, 300 draws: known figures."""
    weights, rates, draws = np.array([0.90, 0.08, 0.02]), np.array([0.005, 0.10, 0.40]), 300
    spreads = np.sqrt(rates * (1 - rates))

    def variance(shares):
        return float(np.sum(weights**2 * spreads**2 / (draws * shares)))

    shares = neyman_shares(weights, spreads)
    assert shares == pytest.approx([0.6526, 0.2467, 0.1007], abs=5e-5)
    overall = float(weights @ rates)
    assert overall * (1 - overall) / draws == pytest.approx(6.693e-5, rel=1e-3)
    assert variance(weights) == pytest.approx(5.493e-5, rel=1e-3)
    assert variance(shares) == pytest.approx(3.154e-5, rel=1e-3)


def test_strata_without_spread_share_by_size():
    assert neyman_shares([3, 1], [0, 0]).tolist() == [0.75, 0.25]


@pytest.mark.parametrize("spreads", [[-1, 2], [float("nan"), 1]])
def test_a_spread_that_cannot_be_is_refused(spreads):
    with pytest.raises(ValueError, match="not negative"):
        neyman_shares([1, 1], spreads)
