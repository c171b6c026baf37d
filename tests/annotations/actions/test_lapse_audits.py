from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.reopen_entry import reopen_entry
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import QueueEntry, Review
from annotations.queries.accounting import queue_accounting
from reviewhub.common import tally
from reviewhub.common.models import AuditEntry
from tests.factories import EVERYTHING_AUDITED, prediction, present, project, reviewer
from tests.races import at_once

pytestmark = pytest.mark.django_db
REVIEW = ReviewSpec(grace_seconds=600, blind_share=0.0, lease_seconds=60)
BOTH = Rules(low_confidence=1.0, audit_rate=1.0)


@pytest.fixture
def cells():
    return project(rules=EVERYTHING_AUDITED, review=REVIEW)


def audit(of, **fields) -> QueueEntry:
    entry = QueueEntry.objects.get(item=prediction(of, **fields).item)
    assert entry.audited
    assert entry.due_at is not None
    return entry


def after(entry: QueueEntry, **passed: float):
    return entry.due_at + timedelta(**passed)


def answer(of, entry, by, at, verdict="label", **fields) -> Review:
    return submit_review(
        project=of,
        entry_uid=entry.uid,
        reviewer=by,
        verdict=verdict,
        token=uuid4(),
        seconds=1.0,
        now=at,
        **fields,
    )


def test_an_audit_that_nobody_answered_in_time_expires_on_record(cells) -> None:
    entry = audit(cells)
    assert lapse_audits(now=after(entry, seconds=-1)) == 0
    when = after(entry, seconds=1)

    assert lapse_audits(now=when) == 1

    entry.refresh_from_db()
    assert (entry.state, entry.lapsed_at, entry.slots_open) == ("expired", when, 0)
    assert tally.totals(cells.pk, prefix="lapsed") == {"lapsed": 1}
    assert AuditEntry.objects.get(action="audits.lapse").after == {"lapsed": 1}
    assert queue_accounting(cells.pk).balanced
    assert lapse_audits(now=after(entry, days=1)) == 0


def test_one_that_another_reason_asks_for_keeps_waiting_and_has_lapsed() -> None:
    cells = project(rules=BOTH, review=REVIEW)
    entry = audit(cells)
    assert not entry.only_audit
    when = after(entry, hours=1)

    assert lapse_audits(now=when) == 1

    entry.refresh_from_db()
    assert (entry.state, entry.lapsed_at) == ("awaiting_review", when)
    assert claim_next(project=cells, reviewer=reviewer(cells), now=when) is not None
    assert lapse_audits(now=after(entry, hours=2)) == 0


def test_one_with_an_answer_of_several_keeps_waiting_for_the_others() -> None:
    two = ReviewSpec(answers_wanted=2, agreement_needed=2, grace_seconds=600, blind_share=0.0)
    cells = project(rules=EVERYTHING_AUDITED, review=two)
    entry = audit(cells)
    answer(cells, entry, reviewer(cells), after(entry, hours=-1), label_key="good")
    assert lapse_audits(now=after(entry, hours=1)) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.slots_open) == ("awaiting_review", 1)
    assert entry.lapsed_at is not None


def test_a_skip_is_no_answer(cells) -> None:
    entry = audit(cells)
    skipped = answer(
        cells, entry, reviewer(cells), after(entry, hours=-1), verdict="skip", reason="unsure"
    )
    assert lapse_audits(now=after(entry, hours=1)) == 1
    entry.refresh_from_db()
    assert entry.state == "expired"
    assert Review.objects.get() == skipped


def test_what_was_answered_in_time_never_lapses(cells) -> None:
    entry = audit(cells)
    answer(cells, entry, reviewer(cells), after(entry, seconds=-1), label_key="good")
    assert lapse_audits(now=after(entry, days=1)) == 0
    assert QueueEntry.objects.get().lapsed_at is None


@pytest.mark.both_databases
def test_what_was_answered_and_taken_back_later_lapses_and_is_judged_anew(cells) -> None:
    """An approved label is gone with the answer: were its entry gone too, nobody would be asked."""
    entry, rita = audit(cells), reviewer(cells)
    given = answer(cells, entry, rita, after(entry, hours=-1), label_key="good")
    reopen_entry(project=cells, review_uid=given.uid, reviewer=rita, now=after(entry, hours=1))
    assert sweep_leases(now=after(entry, hours=2)) == 1
    assert lapse_audits(now=after(entry, hours=2)) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.lapsed_at) == ("awaiting_review", after(entry, hours=2))
    answer(cells, entry, rita, after(entry, hours=3), label_key="defect")
    entry.refresh_from_db()
    assert entry.state == "awaiting_approval"


def test_what_somebody_holds_lapses_only_when_the_lease_ended_without_an_answer(cells) -> None:
    entry = audit(cells)
    claim_next(project=cells, reviewer=reviewer(cells), now=after(entry, seconds=-30))
    assert lapse_audits(now=after(entry, seconds=10)) == 0
    late = after(entry, seconds=31)
    sweep_leases(now=late)
    assert lapse_audits(now=late) == 1


def test_entries_that_are_no_audits_have_no_due_time() -> None:
    cells = project(review=REVIEW)
    prediction(cells)
    assert lapse_audits(now=present() + timedelta(days=365)) == 0


def test_projects_are_counted_apart_and_a_round_is_bounded(cells) -> None:
    others = project(rules=EVERYTHING_AUDITED, review=REVIEW)
    entries = [audit(cells), audit(cells), audit(others)]
    when = max(after(entry, hours=1) for entry in entries)
    assert [lapse_audits(now=when, limit=2), lapse_audits(now=when, limit=2)] == [2, 1]
    assert tally.totals(cells.pk, prefix="lapsed") == {"lapsed": 2}
    assert tally.totals(others.pk, prefix="lapsed") == {"lapsed": 1}


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_sweep_and_a_reviewer_at_once_leave_one_of_two_endings(cells) -> None:
    """Either the audit expired and nobody holds it, or somebody holds it and it did not."""
    rita = reviewer(cells)
    for _ in range(8):
        entry = audit(cells)
        when = after(entry, seconds=1)
        told = at_once(
            lambda when=when: lapse_audits(now=when),
            lambda when=when: claim_next(project=cells, reviewer=rita, now=when),
            lambda when=when: lapse_audits(now=when),
        )
        assert not [one for one in told if isinstance(one, Exception)], told
        entry.refresh_from_db()
        held = entry.assignments.filter(state="held").exists()
        assert (entry.state, held) in {("expired", False), ("awaiting_review", True)}
        assert (entry.lapsed_at is not None) is (entry.state == "expired")
        if held:
            answer(cells, entry, rita, when, label_key="good")
    expired = QueueEntry.objects.filter(state="expired").count()
    assert tally.totals(cells.pk, prefix="lapsed").get("lapsed", 0) == expired
    assert queue_accounting(cells.pk).balanced
