from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import TESTER, present, project
from tests.races import at_once
from tests.training.builders import queued_run
from training.actions.cancel_run import cancel_run
from training.actions.claim_run import claim_run
from training.models import RunState, TrainingRun

pytestmark = pytest.mark.django_db


def claim(run, *, later: float = 0.0):
    return claim_run(
        run_id=run.pk, worker="w", lease_seconds=60, now=present() + timedelta(seconds=later)
    )


def test_a_queued_run_is_taken_with_a_lease_and_a_fence() -> None:
    taken = claim(queued_run(project()))
    assert (taken.state, taken.fence, taken.attempt) == (RunState.RUNNING, 1, 1)
    assert taken.lease_until > present()


def test_a_held_run_is_not_taken_again_before_its_lease_ends() -> None:
    run = queued_run(project())
    claim(run)
    assert claim(run, later=30) is None


def test_a_run_with_an_expired_lease_is_taken_with_a_higher_fence_and_keeps_its_start() -> None:
    run = queued_run(project())
    first = claim(run)
    second = claim(run, later=61)
    assert (second.fence, second.attempt) == (2, 2)
    assert second.started_at == first.started_at


def test_a_run_without_attempts_left_is_not_taken() -> None:
    run = queued_run(project())
    TrainingRun.objects.filter(pk=run.pk).update(attempt=3)
    assert claim(run) is None


def test_an_ended_run_is_not_taken() -> None:
    run = queued_run(project())
    cancel_run(run=run, actor=TESTER, now=present())
    assert claim(run) is None


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_workers_at_once_exactly_one_gets_the_run() -> None:
    run = queued_run(project())
    taken = at_once(*[lambda: claim(run)] * 8)
    assert sum(one is not None for one in taken) == 1, taken
    run.refresh_from_db()
    assert (run.fence, run.attempt) == (1, 1)
