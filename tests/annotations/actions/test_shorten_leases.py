"""The database's clock went back: what was leased before is not held until it has caught up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.shorten_leases import shorten_leases
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, AssignmentState
from tests import factories

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BACK = NOW - timedelta(hours=3)


@pytest.fixture
def lease() -> Assignment:
    cells = factories.project(review=ReviewSpec(lease_seconds=60))
    rita = factories.reviewer(cells)
    factories.queued(cells, now=NOW)
    return claim_next(project=cells, reviewer=rita, now=NOW)


def test_a_lease_of_the_future_ends_as_if_it_were_given_now(lease) -> None:
    assert shorten_leases(now=BACK) == 1
    lease.refresh_from_db()
    assert (lease.state, lease.lease_until) == (AssignmentState.HELD, BACK + timedelta(minutes=1))
    assert sweep_leases(now=BACK + timedelta(minutes=2)) == 1
    lease.entry.refresh_from_db()
    assert lease.entry.slots_open == 1


def test_a_lease_of_today_is_left_alone(lease) -> None:
    """Also where whoever was given it read the clock a moment later than the sweep did."""
    assert shorten_leases(now=NOW - timedelta(seconds=5)) == 0
    assert Assignment.objects.get().lease_until == NOW + timedelta(minutes=1)


def test_a_lease_that_is_long_on_purpose_is_left_alone(lease) -> None:
    Assignment.objects.update(lease_until=NOW + timedelta(days=1))
    assert shorten_leases(now=NOW) == 0


def test_a_lease_is_shortened_once_and_then_ends(lease) -> None:
    assert shorten_leases(now=BACK) == 1
    assert shorten_leases(now=BACK + timedelta(seconds=30)) == 0


def test_leases_of_each_policy_are_measured_by_their_own(lease) -> None:
    mails = factories.project(review=ReviewSpec(lease_seconds=86_400))
    factories.queued(mails, now=NOW)
    long = claim_next(project=mails, reviewer=factories.reviewer(mails), now=NOW)
    assert shorten_leases(now=BACK) == 2
    long.refresh_from_db()
    assert long.lease_until == BACK + timedelta(days=1)
