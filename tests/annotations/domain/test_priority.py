from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.priority import (
    AUDIT_DUE,
    BLIND_PATIENCE,
    LEAST_PATIENCE,
    MOST_PATIENCE,
    virtual_deadline,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
COST = st.floats(0, 1e6)
SECONDS = st.floats(0.1, 3600)
ENTRY = st.fixed_dictionaries(
    {
        "blind": st.booleans(),
        "expected_cost": COST,
        "seconds_per_review": SECONDS,
        "hourly_cost": st.floats(0, 1000),
        "due": st.none() | st.timedeltas(-MOST_PATIENCE, MOST_PATIENCE * 9).map(NOON.__add__),
    }
)


def deadline(received=NOON, *, blind=False, **values):
    return virtual_deadline(received=received, blind=blind, **values)


@given(COST, COST)
def test_what_is_shown_blind_goes_before_whatever_else_arrives_with_it(one, other):
    assert deadline(blind=True, expected_cost=one) < deadline(expected_cost=other)


@given(COST, COST, SECONDS)
def test_what_avoids_more_cost_goes_first(one, other, seconds):
    low, high = sorted((one, other))
    assert deadline(expected_cost=high, seconds_per_review=seconds) <= deadline(
        expected_cost=low, seconds_per_review=seconds
    )


@given(COST, SECONDS, SECONDS)
def test_of_equal_cost_the_quicker_review_goes_first(cost, one, other):
    quick, slow = sorted((one, other))
    assert deadline(expected_cost=cost, seconds_per_review=quick) <= deadline(
        expected_cost=cost, seconds_per_review=slow
    )


@given(ENTRY, ENTRY)
def test_nothing_is_overtaken_by_what_arrives_a_day_later(one, other):
    later = NOON + MOST_PATIENCE + timedelta(seconds=1)
    assert deadline(**one) < deadline(later, **other)


@given(ENTRY)
def test_a_due_time_is_met_and_never_lies_before_the_arrival(entry):
    key = deadline(**entry)
    assert NOON.timestamp() <= key <= (NOON + MOST_PATIENCE).timestamp()
    if entry["due"] is not None:
        assert key <= max(NOON, entry["due"]).timestamp()


@pytest.mark.parametrize(
    ("cost", "hours"),
    [(0.0, 24), (0.1, 14), (1e9, 4)],  # 12 s at 30 an hour cost 0.1
)
def test_patience_is_a_day_half_way_or_four_hours(cost, hours):
    due = NOON + timedelta(hours=hours)
    assert deadline(expected_cost=cost) == pytest.approx(due.timestamp(), abs=1e-3)


def test_where_review_is_free_every_cost_counts_fully():
    assert deadline(expected_cost=0.01, hourly_cost=0.0) == (NOON + LEAST_PATIENCE).timestamp()
    assert deadline(expected_cost=0.0, hourly_cost=0.0) == (NOON + MOST_PATIENCE).timestamp()


def test_an_audit_is_due_long_after_its_turn():
    assert deadline(blind=True) == (NOON + BLIND_PATIENCE).timestamp()
    assert AUDIT_DUE > BLIND_PATIENCE


@pytest.mark.parametrize(
    "values", [{"received": NOON.replace(tzinfo=None)}, {"due": NOON.replace(tzinfo=None)}]
)
def test_a_naive_time_is_a_mistake(values):
    with pytest.raises(ValueError, match="aware"):
        deadline(**values)
