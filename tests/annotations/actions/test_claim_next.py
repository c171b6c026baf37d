from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.actions.claim_next import claim_next
from annotations.actions.leave_bench import leave_bench
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.reviewing import ReviewSpec
from annotations.models import Assignment, AssignmentState, QueueEntry
from reviewhub.common.ids import uuid7
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)


def test_the_most_urgent_entry_comes_first_and_is_leased():
    cells = factories.project()
    rita = factories.reviewer(cells)
    late = factories.queued(cells, now=NOW + timedelta(hours=1))
    early = factories.queued(cells, now=NOW)
    lease = claim_next(project=cells, reviewer=rita, now=NOW)
    assert lease.entry == early
    assert lease.lease_until > NOW
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.slots_open, late.slots_open) == (0, 1)


def test_what_a_person_holds_comes_again_with_its_lease_renewed():
    cells = factories.project()
    rita = factories.reviewer(cells)
    factories.queued(cells)
    factories.queued(cells)
    first = claim_next(project=cells, reviewer=rita, now=NOW)
    again = claim_next(project=cells, reviewer=rita, now=SOON)
    assert again.pk == first.pk
    assert again.lease_until > first.lease_until


def test_two_people_get_two_entries_and_the_third_nothing():
    cells = factories.project()
    people = [factories.reviewer(cells) for _ in range(3)]
    factories.queued(cells)
    factories.queued(cells)
    leases = [claim_next(project=cells, reviewer=person, now=NOW) for person in people]
    assert leases[0].entry != leases[1].entry
    assert leases[2] is None


def test_an_entry_that_wants_two_answers_goes_to_two_people_but_never_twice_to_one():
    cells = factories.project(review=ReviewSpec(answers_wanted=2, agreement_needed=2))
    rita, rolf, rosa = (factories.reviewer(cells) for _ in range(3))
    entry = factories.queued(cells)
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == entry
    assert claim_next(project=cells, reviewer=rolf, now=NOW).entry == entry
    assert claim_next(project=cells, reviewer=rosa, now=NOW) is None
    _answer(cells, entry, rita)
    assert claim_next(project=cells, reviewer=rita, now=NOW) is None


def test_a_lease_that_ran_out_comes_back_to_the_next_person():
    cells = factories.project(review=ReviewSpec(lease_seconds=60))
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    factories.queued(cells)
    lease = claim_next(project=cells, reviewer=rita, now=NOW)
    assert claim_next(project=cells, reviewer=rolf, now=SOON) is None
    later = claim_next(project=cells, reviewer=rolf, now=NOW + timedelta(seconds=61))
    lease.refresh_from_db()
    assert later.entry == lease.entry
    assert lease.state == AssignmentState.EXPIRED


def test_sweeping_gives_every_slot_back_once():
    cells = factories.project(review=ReviewSpec(lease_seconds=60))
    rita = factories.reviewer(cells)
    entry = factories.queued(cells)
    claim_next(project=cells, reviewer=rita, now=NOW)
    after = NOW + timedelta(minutes=2)
    assert [sweep_leases(now=after), sweep_leases(now=after)] == [1, 0]
    entry.refresh_from_db()
    assert entry.slots_open == 1


def test_leaving_frees_what_was_held_at_once():
    cells = factories.project()
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    entry = factories.queued(cells)
    claim_next(project=cells, reviewer=rita, now=NOW)
    assert leave_bench(reviewer=rita, now=NOW) == 1
    assert leave_bench(reviewer=rita, now=NOW) == 0
    assert claim_next(project=cells, reviewer=rolf, now=NOW).entry == entry


def test_logging_out_gives_back_what_was_held(client):
    cells = factories.project()
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    entry = factories.queued(cells)
    client.force_login(rita, "reviewhub.common.authentication.Accounts")
    assert entry.item.external_id in client.get(f"/p/{cells.slug}/review").content.decode()
    assert claim_next(project=cells, reviewer=rolf, now=factories.present()) is None
    client.post("/logout")
    assert claim_next(project=cells, reviewer=rolf, now=factories.present()).entry == entry


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_eight_people_at_once_never_hold_one_entry_together():
    cells = factories.project()
    people = [factories.reviewer(cells) for _ in range(8)]
    for _ in range(5):
        factories.queued(cells)
    calls = [
        lambda person=person: claim_next(project=cells, reviewer=person, now=NOW)
        for person in people
    ]
    leases = [lease for lease in at_once(*calls) if lease is not None]
    assert all(isinstance(lease, Assignment) for lease in leases)
    assert len(leases) == 5
    assert max(Counter(lease.entry_id for lease in leases).values()) == 1
    assert set(QueueEntry.objects.values_list("slots_open", flat=True)) == {0}


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_an_entry_for_three_answers_is_held_by_three_of_eight():
    cells = factories.project(review=ReviewSpec(answers_wanted=3, agreement_needed=2))
    people = [factories.reviewer(cells) for _ in range(8)]
    factories.queued(cells)
    calls = [
        lambda person=person: claim_next(project=cells, reviewer=person, now=NOW)
        for person in people
    ]
    assert len([lease for lease in at_once(*calls) if lease is not None]) == 3


@pytest.mark.both_databases
def test_somebody_ahead_of_colleagues_goes_on_from_where_they_were_and_misses_nothing():
    two = ReviewSpec(answers_wanted=2, agreement_needed=2, skips_allowed=9, blind_share=0.0)
    cells = factories.project(review=two)
    rita, rolf = factories.reviewer(cells), factories.reviewer(cells)
    entries = [factories.queued(cells, now=NOW + timedelta(minutes=n)) for n in range(4)]
    seen = []
    for _ in range(4):
        seen.append(claim_next(project=cells, reviewer=rita, now=NOW).entry)
        _answer(cells, seen[-1], rita)
    assert seen == entries
    assert claim_next(project=cells, reviewer=rita, now=NOW) is None

    # What becomes open behind them, or comes in before them, is found when nothing is ahead.
    urgent = factories.queued(cells, now=NOW - timedelta(hours=1))
    assert claim_next(project=cells, reviewer=rita, now=NOW).entry == urgent
    assert claim_next(project=cells, reviewer=rolf, now=NOW).entry == urgent


def test_claims_cost_the_same_queries_however_far_somebody_is_ahead():
    two = ReviewSpec(answers_wanted=2, agreement_needed=2)
    cells = factories.project(review=two)
    rita = factories.reviewer(cells)
    for _ in range(12):
        factories.queued(cells)
    counts = []
    for _ in range(10):
        with CaptureQueriesContext(connection) as captured:
            lease = claim_next(project=cells, reviewer=rita, now=NOW)
        counts.append(len(captured))
        _answer(cells, lease.entry, rita)
    assert len(set(counts[2:])) == 1


def _answer(cells, entry, reviewer):
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=reviewer,
        verdict="label",
        label_key="good",
        token=uuid7(),
        seconds=2.0,
        now=NOW,
    )
