"""Workers and learning processes that die, freeze or are told to stop, in mid-run."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest

from tests.factories import TESTER, present, project
from tests.faults.workers import (
    alive,
    celery_worker,
    end,
    freeze,
    learning_process_of,
    thaw,
    worker,
)
from tests.services import wait_until
from tests.training.builders import queued_run
from tests.training.pictures import SAME_FOLDS, labelled_pictures
from training.actions.cancel_run import cancel_run
from training.actions.recover_runs import recover_runs
from training.models import ModelVersion, RunState, TrainingRun

pytestmark = [
    pytest.mark.faults,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def cells():
    made = project(uid=SAME_FOLDS)
    labelled_pictures(made, 60)
    return made


def state_of(run: TrainingRun) -> str:
    run.refresh_from_db()
    return run.state


def wait_for_end(run: TrainingRun, *, seconds: float = 90) -> None:
    active = (RunState.QUEUED, RunState.RUNNING)
    wait_until(lambda: state_of(run) not in active, seconds=seconds, what="the run ends")


@pytest.mark.both_databases
def test_a_run_survives_kill_9_of_its_worker(cells, broker) -> None:
    with celery_worker(broker.url) as first:
        run = queued_run(cells)
        left_over = learning_process_of(run, command="fit")
        end(first)
    wait_until(lambda: not alive(left_over), what="the learning process ends with its worker")
    assert state_of(run) == RunState.RUNNING
    recover_runs(now=present() + timedelta(minutes=2))
    with celery_worker(broker.url):
        wait_for_end(run)
    assert (run.state, run.attempt) == (RunState.SUCCEEDED, 2), run.error
    assert ModelVersion.objects.filter(run=run).count() == 1
    assert [step["attempt"] for step in run.steps if step["step"] == "train"][-1] == 2
    assert cells.snapshots.count() == 1


@pytest.mark.slow
def test_a_run_survives_kill_9_of_its_learning_process(cells) -> None:
    run = queued_run(cells)
    with worker(run) as first:
        os.kill(learning_process_of(run, command="fit"), signal.SIGKILL)
        assert first.wait(timeout=30) == 0
    assert state_of(run) == RunState.QUEUED
    assert "killed by signal 9" in run.message
    with worker(run, "w2") as second:
        assert second.wait(timeout=90) == 0
    assert (state_of(run), run.attempt) == (RunState.SUCCEEDED, 2)
    assert ModelVersion.objects.filter(run=run).count() == 1


@pytest.mark.slow
def test_a_run_that_kills_every_learning_process_ends_as_failed(cells) -> None:
    run = queued_run(cells)
    for attempt in range(1, 4):
        with worker(run, f"w{attempt}") as one:
            os.kill(learning_process_of(run, command="fit"), signal.SIGKILL)
            assert one.wait(timeout=30) == 0
    assert (state_of(run), run.error_code) == (RunState.FAILED, "child_crashed")
    assert "killed by signal 9" in run.error
    assert not ModelVersion.objects.exists()


@pytest.mark.slow
def test_a_cancelled_run_ends_with_its_learning_process(cells) -> None:
    run = queued_run(cells)
    with worker(run) as one:
        learner = learning_process_of(run, command="fit")
        cancel_run(run=run, actor=TESTER, now=present())
        assert one.wait(timeout=30) == 0
        assert not alive(learner)
    assert state_of(run) == RunState.CANCELLED
    assert not ModelVersion.objects.exists()


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_worker_that_slept_through_its_lease_changes_nothing(cells) -> None:
    run = queued_run(cells)
    with worker(run, "sleeper", lease=2.0) as sleeper:
        learning_process_of(run, command="fit")
        freeze(sleeper, run=run)
        wait_until(lambda: recover_runs(now=present()) == [run.pk], what="the lease runs out")
        with worker(run, "heir", lease=30.0) as heir:
            assert heir.wait(timeout=90) == 0
        assert state_of(run) == RunState.SUCCEEDED
        done = TrainingRun.objects.filter(pk=run.pk).values().get()
        thaw(sleeper)
        assert sleeper.wait(timeout=30) == 0
    assert TrainingRun.objects.filter(pk=run.pk).values().get() == done
    assert ModelVersion.objects.filter(run=run).count() == 1
