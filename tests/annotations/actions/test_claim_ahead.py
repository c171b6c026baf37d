from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from annotations.actions.claim_ahead import claim_ahead
from annotations.actions.claim_next import claim_next
from annotations.actions.leave_bench import put_back
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.reviewing import ReviewSpec
from annotations.errors import LeaseLost
from annotations.models import Assignment, QueueEntry
from reviewhub.common.ids import uuid7
from tests import factories
from tests.races import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ONE = ReviewSpec(approval="lead", blind_share=0.0)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class Person:
    """A reviewer and what their browser has: first what is on the screen, then what is ahead."""

    def __init__(self, of):
        self.of, self.who, self.has = of, factories.reviewer(of), []

    def look(self, now=NOW):
        lease = claim_next(project=self.of, reviewer=self.who, now=now)
        self.has = [lease.entry] if lease else []
        return self.has

    def fetch(self, now=NOW, have=None):
        """Ask for items ahead as the browser does; what came is added, what is gone dropped."""
        have = self.has if have is None else have
        found = claim_ahead(
            project=self.of, reviewer=self.who, have=[entry.uid for entry in have], now=now
        )
        fresh = [QueueEntry.objects.get(pk=pk) for pk in found.fresh]
        self.has = [entry for entry in have if entry.uid not in found.gone] + fresh
        return found

    def answer(self, entry=None, now=NOW, label="good"):
        entry = entry or self.has.pop(0)
        return submit_review(
            project=self.of,
            entry_uid=entry.uid,
            reviewer=self.who,
            verdict="label",
            label_key=label,
            token=uuid7(),
            seconds=2.0,
            now=now,
        )

    def leases(self, **only):
        return Assignment.objects.filter(reviewer=self.who, state="held", **only)

    def close(self, now=NOW, keep=()):
        return put_back(project=self.of, reviewer=self.who, keep=keep, now=now)


def queue(of, number):
    return [factories.queued(of, now=later(place)) for place in range(number)]


def test_three_entries_are_leased_ahead_softly_in_the_order_of_the_queue():
    cells = factories.project()
    entries = queue(cells, 6)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    assert rita.has == entries[:4]
    assert rita.leases(soft=False).get().entry == entries[0]
    assert {lease.lease_until for lease in rita.leases(soft=True)} == {later(120)}
    slots = QueueEntry.objects.order_by("sort_key").values_list("slots_open", flat=True)
    assert list(slots) == [0, 0, 0, 0, 1, 1]


def test_asking_again_takes_nothing_more():
    cells = factories.project()
    queue(cells, 9)
    rita = Person(cells)
    rita.look()
    for _ in range(3):
        rita.fetch()
    assert (len(rita.has), rita.leases().count()) == (4, 4)


def test_after_each_answer_one_entry_comes_and_the_next_is_held_firmly():
    cells = factories.project()
    entries = queue(cells, 9)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    for place in range(5):
        rita.answer()
        rita.fetch(now=later(place))
        assert rita.leases(soft=False).get().entry == rita.has[0] == entries[place + 1]
        assert rita.leases().count() == min(4, 8 - place)


def test_a_soft_lease_never_lasts_longer_than_the_policy_says():
    cells = factories.project(review=ReviewSpec(lease_seconds=30))
    queue(cells, 4)
    rita = Person(cells)
    rita.fetch()
    assert {lease.lease_until for lease in rita.leases()} == {later(30)}


def test_what_the_browser_still_has_is_renewed():
    cells = factories.project()
    queue(cells, 4)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    rita.fetch(now=later(100))
    assert sweep_leases(now=later(125)) == 0
    assert sweep_leases(now=later(221)) == 3


def test_a_killed_browser_keeps_the_items_it_never_showed_for_two_minutes_only():
    cells = factories.project()
    entries = queue(cells, 4)
    rita, rolf = Person(cells), Person(cells)
    rita.look()
    rita.fetch()
    assert rolf.look() == []
    assert rolf.look(now=later(121)) == [entries[1]]
    assert rita.leases().get().entry == entries[0]


def test_a_browser_that_lost_its_items_is_given_the_same_again():
    cells = factories.project()
    entries = queue(cells, 9)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    assert rita.look() == [entries[0]]
    rita.fetch()
    assert rita.has == entries[:4]
    assert rita.leases().count() == 4


def test_two_tabs_of_one_person_hold_no_more_than_one():
    cells = factories.project()
    entries = queue(cells, 9)
    tab = Person(cells)
    other = Person(cells)
    other.who = tab.who
    tab.look()
    other.look()
    tab.fetch()
    other.fetch()
    assert tab.has == other.has == entries[:4]

    tab.answer()
    tab.fetch()
    found = other.fetch()

    assert found.gone == [entries[0].uid]
    assert other.has == tab.has == entries[1:5]


def test_leaving_gives_back_what_was_never_looked_at_and_no_more():
    cells = factories.project()
    entries = queue(cells, 4)
    rita, rolf = Person(cells), Person(cells)
    rita.look()
    rita.fetch()
    assert rita.close(keep=[entries[3].uid]) == 2
    assert rita.close(keep=[entries[3].uid]) == 0
    assert rolf.look() == [entries[1]]
    assert [lease.entry for lease in rita.leases().order_by("pk")] == [entries[0], entries[3]]


def test_a_tab_that_stays_takes_again_what_another_tab_gave_back():
    cells = factories.project()
    entries = queue(cells, 4)
    rita, rolf = Person(cells), Person(cells)
    rita.look()
    rita.fetch()
    rita.close()
    rolf.look()
    found = rita.fetch()
    assert found.gone == [entries[1].uid]
    assert rita.has == [entries[0], entries[2], entries[3]]
    assert rita.leases().count() == 3


def test_a_lease_that_ran_out_is_taken_again_with_what_the_browser_has():
    cells = factories.project()
    entries = queue(cells, 4)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    assert sweep_leases(now=later(9999)) == 4
    rita.fetch(now=later(9999))
    assert rita.has == entries
    assert rita.leases(soft=False).get().entry == entries[0]
    assert rita.leases().count() == 4


def test_what_was_settled_or_withdrawn_meanwhile_is_said_to_be_gone():
    cells = factories.project()
    entries = queue(cells, 4)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    withdraw_entry(
        project=cells, entry_uid=entries[2].uid, actor=factories.TESTER, reason="no", now=NOW
    )
    assert rita.fetch().gone == [entries[2].uid]


def test_an_answer_that_was_taken_back_comes_before_what_it_interrupted():
    cells = factories.project(review=ReviewSpec(approval="lead", blind_share=0.0))
    entries = queue(cells, 9)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    given = rita.answer()
    rita.fetch()
    undo_review(project=cells, review_uid=given.uid, reviewer=rita.who, now=later(1))

    assert rita.look(now=later(2)) == [entries[0]]
    rita.fetch(now=later(2))

    assert rita.has == entries[:4]
    assert rita.leases().count() == 5


def test_of_much_that_is_held_only_the_first_four_are_put_on_the_bench():
    cells = factories.project(review=ReviewSpec(approval="lead"))
    queue(cells, 9)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    given = [rita.answer() for _ in range(3)]
    rita.fetch()
    for review in given:
        undo_review(project=cells, review_uid=review.uid, reviewer=rita.who, now=later(1))
    assert rita.leases().count() == 7
    rita.has = []
    rita.fetch(now=later(2))
    assert len(rita.has) == 4


def test_answers_on_their_way_count_among_what_the_browser_has():
    cells = factories.project()
    queue(cells, 9)
    rita = Person(cells)
    rita.look()
    rita.fetch()
    sent, *rest = rita.has
    found = rita.fetch(have=[*rest, sent])
    assert (found.fresh, found.gone) == ([], [])


def test_an_answer_after_the_soft_lease_ran_out_counts_while_nobody_else_has_the_item():
    cells = factories.project()
    entries = queue(cells, 4)
    rita, rolf = Person(cells), Person(cells)
    rita.look()
    rita.fetch()
    sweep_leases(now=later(130))
    rita.answer(entries[2], now=later(140))
    assert rolf.look(now=later(141)) == [entries[1]]
    with pytest.raises(LeaseLost):
        rita.answer(entries[1], now=later(142))


def test_an_empty_queue_is_no_error_and_what_ran_out_of_others_is_swept_for_it():
    cells = factories.project()
    rita, rolf = Person(cells), Person(cells)
    assert rita.fetch().fresh == []
    (entry,) = queue(cells, 1)
    rolf.look()
    assert rita.fetch(now=later(1)).fresh == []
    assert rita.fetch(now=later(601)).fresh == [entry.pk]


def test_nobody_keeps_an_entry_of_another_project_or_one_that_is_not_there():
    cells, parts = factories.project(), factories.project()
    (foreign,) = queue(parts, 1)
    rita = Person(cells)
    unknown = uuid4()
    found = claim_ahead(project=cells, reviewer=rita.who, have=[foreign.uid, unknown], now=NOW)
    assert found.gone == [foreign.uid, unknown]
    assert not Assignment.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_eight_people_who_fetch_at_once_never_hold_one_entry_together():
    cells = factories.project()
    people = [Person(cells) for _ in range(8)]
    entries = queue(cells, 21)
    at_once(*[person.fetch for person in people])
    held = Counter(Assignment.objects.filter(state="held").values_list("entry_id", flat=True))
    assert max(held.values()) == 1
    assert len(held) == 21
    assert max(person.leases().count() for person in people) == 4
    assert set(QueueEntry.objects.values_list("slots_open", flat=True)) == {0}
    assert len(entries) == 21


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_two_tabs_that_fetch_at_once_hold_each_entry_once():
    two = ReviewSpec(answers_wanted=2, agreement_needed=2)
    cells = factories.project(review=two)
    queue(cells, 12)
    tab, other = Person(cells), Person(cells)
    other.who = tab.who
    outcomes = at_once(*[person.fetch for person in (tab, other) * 3])
    assert not [told for told in outcomes if isinstance(told, Exception)]
    held = Counter(tab.leases().values_list("entry_id", flat=True))
    assert max(held.values()) == 1
    for entry in QueueEntry.objects.all():
        assert entry.slots_open == 2 - held[entry.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_leaving_sweeping_and_fetching_at_once_lose_no_slot():
    cells = factories.project()
    people = [Person(cells) for _ in range(4)]
    queue(cells, 10)
    for person in people:
        person.fetch()
    calls = [
        call
        for person in people
        for call in (person.close, lambda person=person: person.fetch(now=later(200)))
    ]
    outcomes = at_once(*calls, lambda: sweep_leases(now=later(200)))
    assert not [told for told in outcomes if isinstance(told, Exception)]
    held = Counter(Assignment.objects.filter(state="held").values_list("entry_id", flat=True))
    for entry in QueueEntry.objects.all():
        assert entry.slots_open == 1 - held[entry.pk]


def run_out(entry):
    """The leases of an entry end, and its slots are free again."""
    Assignment.objects.filter(entry=entry).update(lease_until=NOW)
    sweep_leases(now=later(1))


def fetched_ahead_by_a_colleague():
    """An entry that one person looked at until the lease ran out, and another has only fetched."""
    cells = factories.project(review=ONE)
    rita, rolf = Person(cells), Person(cells)
    entry = factories.queued(cells)
    rita.look()
    run_out(entry)
    rolf.fetch(later(2))
    assert rolf.has == [entry]
    return cells, rita, rolf, entry


@pytest.mark.both_databases
@pytest.mark.parametrize("verdict", ["label", "skip"])
def test_what_a_colleague_has_only_fetched_rejects_no_answer(verdict):
    cells, rita, rolf, entry = fetched_ahead_by_a_colleague()
    given = submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rita.who,
        verdict=verdict,
        label_key="good" if verdict == "label" else "",
        reason="" if verdict == "label" else "unsure",
        token=uuid7(),
        seconds=1,
        now=later(3),
    )
    assert given.effective
    entry.refresh_from_db()
    assert (entry.answers_given, entry.slots_open) == ((1, 0) if verdict == "label" else (0, 1))
    assert not Assignment.objects.filter(state="held").exists()
    rolf.fetch(later(4))
    assert rolf.has == ([] if verdict == "label" else [entry])


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("_", range(4))
def test_an_answer_and_the_colleague_who_begins_to_look_do_not_both_have_the_slot(_):
    _cells, rita, rolf, entry = fetched_ahead_by_a_colleague()
    answered, _found = at_once(
        lambda: rita.answer(entry, later(3)), lambda: rolf.fetch(later(3), have=[entry])
    )
    entry.refresh_from_db()
    held = Assignment.objects.filter(entry=entry, state="held")
    if isinstance(answered, LeaseLost):
        assert held.get().reviewer == rolf.who
        assert not held.get().soft
        assert (entry.answers_given, entry.slots_open) == (0, 0)
    else:
        assert answered.effective
        assert not held.exists()
        # At this very moment it may be told as theirs still, as a lease that is swept may be.
        rolf.fetch(later(4))
        assert rolf.has == []
        assert (entry.answers_given, entry.slots_open) == (1, 0)
