from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.priority import MOST_PATIENCE, virtual_deadline

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONFIDENCE = st.floats(0, 1)


def deadline(received=NOON, *, audited=False, confidence=0.5):
    return virtual_deadline(received=received, audited=audited, confidence=confidence)


@given(CONFIDENCE, CONFIDENCE)
def test_an_audit_goes_before_whatever_arrives_with_it(one, other):
    assert deadline(audited=True, confidence=one) < deadline(confidence=other)


@given(CONFIDENCE, CONFIDENCE)
def test_the_less_sure_goes_first(one, other):
    low, high = sorted((one, other))
    assert deadline(confidence=low) <= deadline(confidence=high)


@given(CONFIDENCE, CONFIDENCE, st.booleans(), st.booleans())
def test_nothing_is_overtaken_by_what_arrives_a_day_later(one, other, audit, later_audit):
    later = NOON + MOST_PATIENCE
    first = deadline(audited=audit, confidence=one)
    assert first < deadline(later, audited=later_audit, confidence=other)


def test_the_deadline_is_in_epoch_seconds():
    assert deadline(audited=True) == (NOON + timedelta(hours=1)).timestamp()


def test_a_naive_time_is_a_mistake():
    with pytest.raises(ValueError, match="aware"):
        deadline(NOON.replace(tzinfo=None))
