from __future__ import annotations

from datetime import timedelta

import pytest

from reviewhub.common.models import OutboxEvent
from tests.factories import TESTER, present, project
from tests.races import at_once
from tests.training.builders import held_run, queued_run
from training.actions.cancel_run import cancel_run
from training.actions.claim_run import claim_run
from training.actions.recover_runs import recover_runs
from training.actions.retry_run import retry_run
from training.models import RunState, TrainingRun

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=5)


def test_a_run_whose_worker_vanished_goes_back_to_the_queue() -> None:
    run = held_run(project()).run
    assert recover_runs(now=present() + LATER) == [run.pk]
    run.refresh_from_db()
    assert (run.state, run.lease_until) == (RunState.QUEUED, None)
    assert "vanished" in run.message


def test_a_run_whose_worker_lives_is_left_alone() -> None:
    run = held_run(project()).run
    assert recover_runs(now=present()) == []
    run.refresh_from_db()
    assert run.state == RunState.RUNNING


def test_a_queued_run_that_nobody_took_is_woken_again() -> None:
    run = queued_run(project())
    assert recover_runs(now=present()) == []
    assert recover_runs(now=present() + LATER) == [run.pk]


def test_a_run_that_kills_every_worker_ends_as_failed() -> None:
    run, now = queued_run(project()), present()
    for attempt in range(1, 4):
        now += LATER
        taken = claim_run(run_id=run.pk, worker="w", lease_seconds=60, now=now)
        assert taken is not None
        assert taken.attempt == attempt
        now += LATER
        recover_runs(now=now)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (RunState.FAILED, "worker_lost")
    assert run.error
    assert recover_runs(now=now + LATER) == []
    assert OutboxEvent.objects.get(type="run.finished").data["state"] == "failed"


def test_a_run_that_was_to_be_cancelled_is_cancelled_though_its_worker_is_gone() -> None:
    run = held_run(project()).run
    cancel_run(run=run, actor=TESTER, now=present())
    recover_runs(now=present() + LATER)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED


def test_a_broken_attempt_says_why_and_keeps_its_log() -> None:
    run = held_run(project()).run
    assert retry_run(run=run, code="child_crashed", why="boom", log_tail="trace", now=present())
    run.refresh_from_db()
    assert (run.state, run.log_tail) == (RunState.QUEUED, "trace")
    assert run.message == "Attempt 1 of 3 broke off: boom"


@pytest.mark.both_databases
def test_a_run_whose_worker_died_does_not_wait_for_a_clock_that_went_back() -> None:
    run, back = held_run(project()).run, present() - timedelta(hours=3)
    assert recover_runs(now=back) == []
    assert recover_runs(now=back + timedelta(seconds=59)) == []
    assert recover_runs(now=back + timedelta(seconds=61)) == [run.pk]
    taken = claim_run(run_id=run.pk, worker="heir", lease_seconds=60, now=back + LATER)
    assert taken is not None
    assert (taken.attempt, taken.lease_until) == (2, back + LATER + timedelta(seconds=60))


@pytest.mark.both_databases
def test_a_worker_that_lives_keeps_its_run_though_the_clock_went_back() -> None:
    held, back = held_run(project()), present() - timedelta(hours=3)
    held.clock = lambda: back + timedelta(seconds=15)
    assert recover_runs(now=back) == []
    assert held.beat()
    assert recover_runs(now=back + timedelta(seconds=61)) == []
    held.write(progress=0.5)
    assert held.beat()


@pytest.mark.both_databases
def test_a_queued_run_is_woken_though_the_clock_went_back() -> None:
    run = queued_run(project())
    assert recover_runs(now=present() - timedelta(hours=3)) == [run.pk]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_reconcilers_at_once_recover_a_run_once() -> None:
    run = held_run(project()).run
    later = present() + LATER
    told = at_once(*[lambda: recover_runs(now=later)] * 4)
    assert told == [[run.pk]] * 4, "some recover it, the others wake it: both are harmless"
    found = TrainingRun.objects.get(pk=run.pk)
    assert (found.state, found.attempt, found.fence) == (RunState.QUEUED, 1, 2)
