from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from annotations.domain.priority import AUDIT_DUE
from annotations.domain.responses import Response, response_in, response_rate, response_to

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Entry(NamedTuple):
    state: str = "approved"
    lapses_at: datetime | None = NOON + AUDIT_DUE
    lapsed_at: datetime | None = None


LATE = Entry(lapsed_at=NOON + AUDIT_DUE)


@pytest.mark.parametrize(
    ("state", "response"),
    [
        ("awaiting_review", "open"),
        ("awaiting_adjudication", "open"),
        ("awaiting_approval", "answered"),
        ("approved", "answered"),
        ("expired", "missing"),
        ("withdrawn", "missing"),
    ],
)
def test_an_audit_is_answered_once_its_entry_is_settled(state, response):
    assert response_in(Entry(state), drawn_at=NOON) == response
    assert response_in(Entry(state, lapsed_at=NOON), drawn_at=NOON) == "missing"


def test_an_answer_in_the_time_of_a_later_draw_is_that_draw_s_alone():
    later = NOON + timedelta(days=4)
    entry = Entry(lapses_at=later + AUDIT_DUE)
    assert response_in(entry, drawn_at=NOON) == "missing"
    assert response_in(entry, drawn_at=later) == "answered"
    # of two that were drawn within one time, both are answered
    assert response_in(entry, drawn_at=later + timedelta(days=1)) == "answered"


@pytest.mark.parametrize(
    ("entries", "response"),
    [
        ([], "missing"),
        ([LATE], "missing"),
        ([LATE, Entry()], "answered"),
        ([Entry("awaiting_review"), Entry("expired")], "open"),
    ],
)
def test_of_several_entries_of_an_item_one_answer_is_enough(entries, response):
    assert response_to(entries, drawn_at=NOON) == Response(response)


def test_what_can_still_be_answered_is_not_held_against_the_rate():
    assert response_rate(drawn=100, answered=57, still_open=40) == 0.95
    assert response_rate(drawn=3, answered=0, still_open=3) is None
    assert response_rate(drawn=0, answered=0, still_open=0) is None
