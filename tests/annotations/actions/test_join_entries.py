"""Draws of items that have an entry already: answered with it, anew, or on record as lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.priority import AUDIT_DUE
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Due, Rules
from annotations.models import QueueEntry
from annotations.queries.accounting import queue_accounting
from annotations.queries.recorded import replay, window_of
from reviewhub.common import tally
from tests import factories
from tests.factories import EVERYTHING_AUDITED, EVERYTHING_QUEUED, GOOD, TESTER, incoming

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOON + AUDIT_DUE + timedelta(hours=1)
BOTH = Rules(low_confidence=1.0, audit_rate=1.0)
REVIEW = ReviewSpec(grace_seconds=600, blind_share=0.0)


def sent(cells, *, version="1", now=NOON) -> QueueEntry:
    image = {"seed": 1} if version == "1" else {"image": None}
    factories.submit(cells, incoming("cell", version=version, **image), now=now)
    return QueueEntry.objects.get(project=cells)


def drawn_again(cells, *, now) -> QueueEntry:
    """A second model version speaks of the item, and is drawn."""
    revise_routing_policy(project=cells, rules=EVERYTHING_AUDITED, actor=TESTER, now=now)
    return sent(cells, version="2", now=now)


def claimed(cells, entry, now) -> None:
    claim_next(project=cells, reviewer=factories.reviewer(cells), now=now)


def settled(cells, entry, now) -> None:
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=factories.reviewer(cells),
        verdict="label",
        label_key=GOOD,
        token=uuid4(),
        seconds=1.0,
        now=now,
    )


def taken_out(cells, entry, now) -> None:
    withdraw_entry(project=cells, entry_uid=entry.uid, actor=TESTER, reason="x", now=now)


def taken_back(cells, entry, now) -> None:
    withdraw_prediction(
        project=cells,
        prediction_uid=entry.prediction.uid,
        reason="wrong camera",
        actor=TESTER,
        now=now,
    )


def lost(cells) -> int:
    return tally.totals(cells.pk, prefix="lost_audits").get("lost_audits", 0)


def responses(cells) -> list[str | None]:
    window = window_of(cells, days=30, now=LATER + timedelta(days=1))
    return [each.response for _, part in replay(cells, window) for each in part]


@pytest.mark.parametrize("happened", [claimed, settled, taken_out])
def test_a_draw_of_what_people_have_seen_or_settled_is_non_response_on_record(happened, client):
    cells = factories.project(rules=EVERYTHING_QUEUED, review=REVIEW)
    happened(cells, sent(cells), NOON)
    entry = drawn_again(cells, now=NOON + timedelta(hours=1))
    assert (entry.audited, lost(cells)) == (False, 1)
    assert responses(cells) == [None, "missing"]
    assert queue_accounting(cells.pk).balanced

    client.force_login(factories.lead(cells))
    queue = client.get(reverse("annotations:queue", args=[cells.slug])).content.decode()
    assert "1 audit drawn of items that people had seen before" in queue
    story = client.get(reverse("training:item", args=[cells.slug, entry.item.uid]))
    assert "non-response, seen before the draw" in story.content.decode()


def test_a_draw_of_what_nobody_has_seen_is_not_lost():
    cells = factories.project(rules=EVERYTHING_QUEUED, review=REVIEW)
    sent(cells)
    assert drawn_again(cells, now=NOON + timedelta(hours=1)).audited
    assert (lost(cells), responses(cells)) == (0, [None, "open"])


def test_a_draw_of_what_was_settled_blind_and_in_time_is_answered_by_it():
    cells = factories.project(rules=EVERYTHING_AUDITED, review=REVIEW)
    settled(cells, sent(cells), NOON)
    drawn_again(cells, now=LATER)
    assert (lost(cells), responses(cells)) == (0, ["answered", "answered"])


def test_a_lapsed_audit_that_still_waits_has_its_time_anew_for_a_new_draw():
    cells = factories.project(rules=BOTH, review=REVIEW)
    sent(cells)
    assert lapse_audits(now=LATER) == 1
    entry = drawn_again(cells, now=LATER)
    assert (entry.state, entry.lapsed_at, lost(cells)) == ("awaiting_review", None, 0)
    assert entry.lapses_at == entry.due_at == LATER + AUDIT_DUE
    assert responses(cells) == ["missing", "open"]
    settled(cells, entry, LATER)
    assert responses(cells) == ["missing", "answered"], "the first draw stays unanswered"
    assert lapse_audits(now=LATER + timedelta(days=9)) == 0


def test_the_time_anew_may_lapse_too_and_counts_again():
    cells = factories.project(rules=BOTH, review=REVIEW)
    sent(cells)
    assert lapse_audits(now=LATER) == 1
    drawn_again(cells, now=LATER)
    assert lapse_audits(now=LATER + AUDIT_DUE) == 1
    assert tally.totals(cells.pk, prefix="lapsed") == {"lapsed": 2}
    assert responses(cells) == ["missing", "missing"]


def test_what_was_answered_too_late_answers_no_later_draw_either():
    cells = factories.project(rules=BOTH, review=REVIEW)
    entry = sent(cells)
    assert lapse_audits(now=LATER) == 1
    settled(cells, entry, LATER)
    entry = drawn_again(cells, now=LATER + timedelta(hours=1))
    assert (entry.lapsed_at, lost(cells)) == (LATER, 1)
    assert responses(cells) == ["missing", "missing"]


def test_an_expired_audit_waits_anew_for_a_new_draw_and_answers_that_one_alone(client):
    cells = factories.project(rules=EVERYTHING_AUDITED, review=REVIEW)
    sent(cells)
    assert lapse_audits(now=LATER) == 1
    entry = drawn_again(cells, now=LATER)
    assert (entry.state, lost(cells)) == ("awaiting_review", 0)
    settled(cells, entry, LATER)
    assert responses(cells) == ["missing", "answered"]
    client.force_login(factories.lead(cells))
    story = client.get(reverse("training:item", args=[cells.slug, entry.item.uid]))
    assert "non-response, not answered in time" in story.content.decode()
    assert "answered blind and in time" in story.content.decode()


def test_a_draw_that_wants_an_answer_later_than_audits_do_moves_none_of_their_times():
    cells = factories.project(rules=EVERYTHING_QUEUED, review=REVIEW)
    sent(cells)
    slow = Rules(
        low_confidence=1.0, audit_rate=1.0, due_minutes=Due({"low_confidence": 7 * 24 * 60})
    )
    revise_routing_policy(project=cells, rules=slow, actor=TESTER, now=NOON)
    entry = sent(cells, version="2", now=NOON)
    assert entry.audited
    assert entry.due_at == entry.lapses_at == NOON + AUDIT_DUE


def test_what_people_have_seen_before_it_was_taken_back_is_blind_for_no_later_draw():
    """However many predictions come and are taken back in between."""
    cells = factories.project(rules=EVERYTHING_QUEUED, review=REVIEW)
    entry = sent(cells)
    claimed(cells, entry, NOON)
    taken_back(cells, entry, NOON + timedelta(minutes=1))
    entry = drawn_again(cells, now=NOON + timedelta(hours=1))
    assert (entry.state, entry.blind, entry.audited) == ("awaiting_review", False, False)
    taken_back(cells, entry, NOON + timedelta(hours=2))
    entry = sent(cells, version="3", now=NOON + timedelta(hours=3))
    assert (entry.state, entry.blind, entry.audited) == ("awaiting_review", False, False)
    assert lost(cells) == 2
