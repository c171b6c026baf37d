"""Counters that are kept say what a count of the rows says, whatever happened at the same time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from annotations.actions.approve_due import approve_due
from annotations.actions.check_counters import check_counters
from annotations.actions.claim_next import claim_next
from annotations.actions.lapse_audits import lapse_audits
from annotations.actions.leave_bench import leave_bench
from annotations.actions.release_capacity import release_capacity
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.actions.undo_review import undo_review
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.models import Prediction, Project, QueueEntry, Review, User
from annotations.queries.accounting import queue_accounting
from annotations.queries.overview import review_overview
from reviewhub.common import tally
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.ids import uuid7
from tests import factories
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
TWO = ReviewSpec(answers_wanted=2, agreement_needed=2, skips_allowed=1, grace_seconds=3600)


def test_counters_stand_with_what_they_count():
    cells = factories.project(review=ReviewSpec(grace_seconds=3600))
    rita = factories.reviewer(cells)
    entries = [factories.queued(cells) for _ in range(3)]
    factories.annotated(cells)
    given = _answer(cells, entries[0], rita, "good")
    _answer(cells, entries[1], rita, "defect")
    undo_review(project=cells, review_uid=given.uid, reviewer=rita, now=factories.present())

    assert check_counters(project=cells) == []
    seen = review_overview(cells.pk)
    assert (seen.items, seen.imported, seen.predictions, seen.queued) == (4, 1, 3, 3)
    assert (seen.reviews, seen.corrections, seen.held) == (1, 0, 1)
    assert seen.balanced


def test_what_differs_is_named_and_set_right():
    cells = factories.project()
    factories.queued(cells)
    today = tally.day_of(factories.present(), cells.site_time_zone)
    tally.add(cells.pk, today, {"entered": 2, "state:approved": -1})

    assert not queue_accounting(cells.pk).balanced
    told = StringIO()
    with pytest.raises(CommandError, match="2 counters differ"):
        call_command("check_counters", cells.slug, stdout=told, stderr=StringIO())
    assert "entered: kept 3, counted 1" in told.getvalue()
    call_command("check_counters", "--repair", stdout=told, stderr=StringIO())
    assert check_counters(project=cells) == []
    assert queue_accounting(cells.pk).balanced


def test_what_waits_for_room_lapses_or_is_taken_back_is_counted_too():
    rules = Rules(low_confidence=0.8, disagreement=False, audit_rate=0.5, daily_cap=2)
    # Names, key and project are fixed, so every draw is.
    cells = factories.project(uid=UUID(int=3), rules=rules)
    for confidence in (0.6, 0.95):
        names = [f"cell-{confidence}-{number}" for number in range(12)]
        factories.submit(
            cells, *(factories.incoming(name, confidence=confidence) for name in names)
        )
    later = factories.present()
    for days in range(1, 6):
        later = factories.present() + timedelta(days=days)
        release_capacity(now=later)
        lapse_audits(now=later)
    waiting = Prediction.objects.filter(queue_entries__state="awaiting_review")
    for stored in waiting.order_by("pk")[:3]:
        withdraw_prediction(
            project=cells,
            prediction_uid=stored.uid,
            reason="the camera was dirty",
            actor=factories.TESTER,
            now=later,
        )
    moved = set(QueueEntry.objects.values_list("state", flat=True))
    assert {"expired", "withdrawn"} <= moved
    assert check_counters(project=cells) == []
    assert queue_accounting(cells.pk).balanced


@pytest.mark.parametrize("seed", range(3))
def test_racing_deeds_leave_counters_that_a_count_confirms(seed):
    """Six people, a lead, two clients and the clock, each in a hurry, on the same few entries."""
    cells = factories.project(
        review=TWO, rules=Rules(low_confidence=0.8, disagreement=True, audit_rate=0.3)
    )
    for number in range(12):
        factories.queued(cells, confidence=0.5 + number / 50)
    people = [factories.reviewer(cells) for _ in range(6)]
    deeds = [
        *(lambda who=who, n=n: _work(cells, who, Random(seed * 100 + n))
          for n, who in enumerate(people)),
        lambda: _send(cells, Random(seed)),
        lambda: _send(cells, Random(seed + 50)),
        lambda: _sweep(cells),
        lambda: _look(cells),
    ]  # fmt: skip
    told = at_once(*deeds)

    assert [each for each in told if isinstance(each, Exception)] == []
    assert check_counters(project=cells) == []
    accounts = queue_accounting(cells.pk)
    assert accounts.balanced
    assert accounts.entered == QueueEntry.objects.filter(project=cells).count()
    tally.fold()
    assert check_counters(project=cells) == []


def _work(cells: Project, who: User, dice: Random) -> None:
    """Answer, skip, take back, walk away; what is refused in the rush is nothing to worry about."""
    for _ in range(6):
        lease = claim_next(project=cells, reviewer=who, now=factories.present())
        if lease is None:
            return
        given = _tried(lambda lease=lease: _answer(cells, lease.entry, who, dice.choice(
            ["good", "defect", ""])))  # fmt: skip
        if given is not None and dice.random() < 0.3:
            _tried(
                lambda given=given: undo_review(
                    project=cells,
                    review_uid=given.uid,
                    reviewer=who,
                    now=factories.present(),
                )
            )
        if dice.random() < 0.2:
            leave_bench(reviewer=who, now=factories.present())


def _send(cells: Project, dice: Random) -> None:
    """Half of the names are sent by both clients."""
    for number in range(6):
        name = f"shared-{number}" if number % 2 else f"own-{dice.random()}"
        confidence = round(dice.uniform(0.5, 1.0), 3)
        sent = factories.incoming(name, seed=number, confidence=confidence)
        factories.submit(cells, sent)


def _sweep(cells: Project) -> None:
    later = factories.present() + timedelta(hours=2)
    for entry in QueueEntry.objects.filter(project=cells).order_by("pk")[:2]:
        _tried(
            lambda entry=entry: withdraw_entry(
                project=cells,
                entry_uid=entry.uid,
                actor=factories.TESTER,
                reason="a part was scrapped",
                now=factories.present(),
            )
        )
    for _ in range(3):
        sweep_leases(now=later)
        approve_due(now=later)
        tally.fold()


def _look(cells: Project) -> None:
    """Whoever looks at any moment sees accounts that balance."""
    for _ in range(30):
        assert queue_accounting(cells.pk).balanced
        assert review_overview(cells.pk).balanced


def _tried(deed: Callable[[], Any]) -> Any:
    try:
        return deed()
    except ReviewHubError:
        return None


def _answer(cells: Project, entry: QueueEntry, who: User, label: str) -> Review:
    """Without a label it is a skip."""
    return submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=who,
        verdict="label" if label else "skip",
        label_key=label,
        reason="" if label else "unsure",
        token=uuid7(),
        seconds=2.3456,
        now=factories.present(),
    )
