"""Clients, reviewers, leads and clocks in any order: the invariants hold, on either database.

Every deed is foretold by a model that shares no code with the product, and after each of them the
database is read and held against it. The short run is the same every time; the long one (`slow`)
looks elsewhere each time, but on CI (so Hypothesis' profile), and prints what it takes to see a
failure again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.sweep_leases import sweep_leases
from annotations.models import Item, QueueEntry, Review
from tests.flows.queue_machine import reviewers
from tests.flows.queue_machine.machine import QueueMachine

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PATIENT = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    print_blob=True,
)
SHORT = settings(
    PATIENT,
    max_examples=20,
    stateful_step_count=35,
    derandomize=True,
    phases=(Phase.generate,),  # to shrink a failure takes minutes: the long run does
)


def test_nothing_is_lost_or_doubled_whatever_the_order() -> None:
    run_state_machine_as_test(QueueMachine, settings=SHORT)


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_in_a_long_night() -> None:
    run_state_machine_as_test(
        QueueMachine, settings=settings(PATIENT, max_examples=120, stateful_step_count=50)
    )


def slot_kept_open(**told: Any) -> Any:
    lease = claim_next(**told)
    taken = QueueEntry.objects.filter(pk=lease.entry_id if lease else None)
    taken.filter(slots_open__lt=F("answers_wanted") - F("answers_given")).update(
        slots_open=F("slots_open") + 1
    )
    return lease


def answer_lost(**told: Any) -> Any:
    review = submit_review(**told)
    Review.objects.filter(pk=review.pk, verdict="confirmed").update(effective=False)
    return review


def leases_never_end(**told: Any) -> int:
    return 0


def fold_moved(**told: Any) -> int:
    Item.objects.filter(fold="learn").update(fold="evaluate")
    return sweep_leases(**told)


@pytest.mark.parametrize(
    ("deed", "broken"),
    [
        ("claim_next", slot_kept_open),
        ("submit_review", answer_lost),
        ("sweep_leases", leases_never_end),
        ("sweep_leases", fold_moved),
    ],
)
def test_a_broken_deed_is_noticed(monkeypatch, deed: str, broken: Callable[..., Any]) -> None:
    monkeypatch.setattr(reviewers, deed, broken)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(QueueMachine, settings=SHORT)
