from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.release_capacity import release_capacity
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.domain.routing import Rules
from annotations.models import QueueEntry
from annotations.queries.accounting import queue_accounting
from reviewhub.common import tally
from reviewhub.common.models import AuditEntry
from tests.factories import TESTER, prediction, present, project, reviewer
from tests.races import at_once

pytestmark = pytest.mark.django_db
CAPPED = Rules(low_confidence=1.0, audit_rate=1e-6, daily_cap=3)
DAY = timedelta(days=1)


@pytest.fixture
def noon():
    return present().replace(hour=12)


def stream(of, number: int, *, at) -> list[QueueEntry]:
    items = [prediction(of, confidence=0.6, now=at).item_id for _ in range(number)]
    return list(QueueEntry.objects.filter(item__in=items).order_by("pk"))


def states(of) -> list[str]:
    entries = QueueEntry.objects.filter(project=of).order_by("pk")
    return list(entries.values_list("state", flat=True))


def test_what_a_day_held_back_comes_in_on_the_days_that_have_room(noon) -> None:
    cells = project(rules=CAPPED, now=noon)
    stream(cells, 8, at=noon)
    assert states(cells).count("awaiting_capacity") == 5
    assert release_capacity(now=noon) == 0

    assert [release_capacity(now=noon + day * DAY) for day in (1, 2, 3)] == [3, 2, 0]

    assert states(cells) == ["awaiting_review"] * 8
    assert tally.totals(cells.pk, prefix="released") == {"released": 5}
    told = AuditEntry.objects.filter(action="capacity.release").order_by("created_at")
    assert [row.after for row in told] == [{"released": 3}, {"released": 2}]
    assert queue_accounting(cells.pk).balanced


def test_what_comes_in_is_the_most_urgent_and_can_be_claimed(noon) -> None:
    cells = project(rules=CAPPED, now=noon)
    held_back = stream(cells, 7, at=noon)[3:]
    for entry, deadline in zip(held_back, (40.0, 10.0, 30.0, 20.0), strict=True):
        QueueEntry.objects.filter(pk=entry.pk).update(sort_key=deadline)
    release_capacity(now=noon + DAY)
    left = QueueEntry.objects.get(state="awaiting_capacity")
    assert left == held_back[0]
    lease = claim_next(project=cells, reviewer=reviewer(cells), now=noon + DAY)
    assert lease is not None
    assert lease.entry == held_back[1]


def test_new_entries_of_the_day_and_released_ones_share_the_cap(noon) -> None:
    cells = project(rules=CAPPED, now=noon)
    stream(cells, 6, at=noon)
    stream(cells, 2, at=noon + DAY)
    assert release_capacity(now=noon + DAY) == 1
    assert [entry.state for entry in stream(cells, 1, at=noon + DAY)] == ["awaiting_capacity"]


def test_the_day_is_that_of_the_site() -> None:
    late = present().replace(hour=14, minute=30)
    cells = project(rules=CAPPED, site_time_zone="Asia/Tokyo", now=late)
    stream(cells, 5, at=late)
    assert release_capacity(now=late) == 0
    assert release_capacity(now=late + timedelta(hours=1)) == 2


@pytest.mark.parametrize(("cap", "released"), [(None, 5), (6, 3), (2, 0)])
def test_the_cap_is_that_of_the_policy_in_force(noon, cap: int | None, released: int) -> None:
    cells = project(rules=CAPPED, now=noon)
    stream(cells, 8, at=noon)
    rules = Rules(low_confidence=1.0, audit_rate=1e-6, daily_cap=cap)
    revise_routing_policy(project=cells, rules=rules, actor=TESTER, now=noon)
    assert release_capacity(now=noon) == released


def test_a_round_is_bounded_and_the_next_goes_on(noon) -> None:
    cells = project(rules=CAPPED, now=noon)
    stream(cells, 6, at=noon)
    assert [release_capacity(now=noon + DAY, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_let_in_no_more_than_the_cap_and_nothing_twice(noon) -> None:
    cells = project(rules=CAPPED, now=noon)
    stream(cells, 8, at=noon)
    told = at_once(*[lambda: release_capacity(now=noon + DAY)] * 5)
    assert not [one for one in told if isinstance(one, Exception)], told
    assert sum(told) == 3
    assert states(cells).count("awaiting_review") == 6
    assert QueueEntry.objects.filter(state="awaiting_review", slots_open=1).count() == 6
