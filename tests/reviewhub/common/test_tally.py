"""Counters that are kept: sums of what deeds have added, whatever was folded meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from reviewhub.common import tally
from reviewhub.common.models import Tally
from tests.races import at_once

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
both = pytest.mark.both_databases


@both
@pytest.mark.django_db
def test_a_counter_is_the_sum_of_what_was_added() -> None:
    tally.add(1, MONDAY, {"reason:audit": 3, "items": 5, "nothing": 0})
    tally.add(1, TUESDAY, {"reason:audit": -1})
    tally.add(2, MONDAY, {"items": 100})
    assert tally.totals(1) == {"reason:audit": 2, "items": 5}
    assert tally.totals(1, prefix="reason:") == {"reason:audit": 2}
    assert tally.totals(1, day=TUESDAY) == {"reason:audit": -1}
    days = tally.by_day(1, ["reason:audit"], since=MONDAY)
    assert days == {(MONDAY, "reason:audit"): 3, (TUESDAY, "reason:audit"): -1}
    since_tuesday = tally.by_day(1, ["reason:audit"], since=TUESDAY)
    assert since_tuesday == {(TUESDAY, "reason:audit"): -1}


@both
@pytest.mark.django_db
def test_a_level_is_of_no_day_and_folds_into_one_row_however_long_it_is_kept() -> None:
    for day in (MONDAY, TUESDAY):
        tally.add(1, day, {"state:open": 2})
    assert tally.totals(1) == {"state:open": 4}
    assert tally.totals(1, day=MONDAY) == {}
    tally.fold()
    assert Tally.objects.count() == 1


@both
@pytest.mark.django_db
def test_folding_changes_no_sum_and_leaves_one_row_a_counter_and_day() -> None:
    for _ in range(7):
        tally.add(1, MONDAY, {"items": 2, "state:open": -1})
    tally.add(1, TUESDAY, {"items": 1})
    before = tally.totals(1)
    assert tally.fold() == 14
    assert tally.totals(1) == before
    assert Tally.objects.count() == 3
    assert tally.fold() == 0


@both
@pytest.mark.django_db
def test_what_is_rolled_back_was_never_counted() -> None:
    with transaction.atomic():
        tally.add(1, MONDAY, {"items": 1})
        transaction.set_rollback(True)
    assert tally.totals(1) == {}


@both
@pytest.mark.django_db(transaction=True)
def test_deeds_and_folds_at_once_lose_nothing() -> None:
    def add() -> None:
        for _ in range(20):
            tally.add(1, MONDAY, {"items": 1})

    def fold() -> None:
        for _ in range(10):
            tally.fold()

    assert at_once(add, fold, add, fold) == [None] * 4
    assert tally.totals(1) == {"items": 40}
    tally.fold()
    assert tally.totals(1) == {"items": 40}


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", date(2026, 3, 1)), ("Asia/Tokyo", date(2026, 3, 2))]
)
def test_a_day_is_that_of_the_site(zone: str, day: date) -> None:
    assert tally.day_of(datetime(2026, 3, 1, 20, tzinfo=UTC), zone) == day
