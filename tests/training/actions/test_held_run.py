"""Invariant 7: a worker that lost its lease can write nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tests.factories import TESTER, present, project
from tests.services import wait_until
from tests.training.builders import annotation_of, approved, held_run, snapshot
from training.actions.cancel_run import cancel_run
from training.actions.claim_run import claim_run
from training.actions.end_run import end_run
from training.actions.held_run import RunTimes
from training.actions.keep_lease import keep_lease
from training.actions.retry_run import retry_run
from training.errors import LeaseLost, RunCancelled
from training.models import RunState, RunStep, SnapshotMember, TrainingRun

QUICK = RunTimes(lease=2.0, heartbeat=0.1, watch=0.05)


def taken_over(held) -> TrainingRun:
    """Another worker takes the run, as it may when the lease has run out."""
    rival = claim_run(
        run_id=held.run.pk,
        worker="rival",
        lease_seconds=60,
        now=present() + timedelta(hours=1),
    )
    assert rival is not None
    return rival


@pytest.mark.django_db
def test_steps_leave_times_and_figures_in_the_row() -> None:
    held = held_run(project())
    held.begin(RunStep.EMBED, "Embedding.")
    held.advance(0.5, "Half of it.")
    held.close({"items": 4})
    held.run.refresh_from_db()
    (step,) = held.run.steps
    assert (step["step"], step["figures"], step["attempt"]) == ("embed", {"items": 4}, 1)
    assert step["ended_at"] >= step["started_at"]
    assert (held.run.progress, held.run.message) == (0.40, "Half of it.")


@pytest.mark.django_db
@pytest.mark.both_databases
def test_whatever_an_overtaken_worker_writes_is_refused() -> None:
    cells = project()
    held = held_run(cells)
    held.begin(RunStep.EMBED, "Embedding.")
    rival = taken_over(held)
    frozen = snapshot(cells)
    item = approved(cells, fold="learn")
    with pytest.raises(LeaseLost):
        held.write(message="late")
    with pytest.raises(LeaseLost):
        held.close({})
    with pytest.raises(LeaseLost), held.guarded():
        SnapshotMember.objects.create(
            snapshot=frozen, annotation=annotation_of(item), fold="learn", recent=False
        )
    assert not SnapshotMember.objects.exists()
    assert not held.beat()
    assert not end_run(run=held.run, state=RunState.SUCCEEDED, message="late", now=present())
    assert not retry_run(run=held.run, code="x", why="late", now=present())
    assert TrainingRun.objects.get(pk=rival.pk).message == "Taken by rival."


@pytest.mark.django_db
def test_what_was_begun_under_the_fence_is_undone_when_it_is_lost_inside() -> None:
    cells = project()
    held = held_run(cells)

    def overtaken_half_way() -> None:
        with held.guarded():
            snapshot(cells, digest="f" * 64)
            TrainingRun.objects.filter(pk=held.run.pk).update(fence=99)
            held.write(message="late")

    with pytest.raises(LeaseLost):
        overtaken_half_way()
    assert not cells.snapshots.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
def test_the_heartbeat_keeps_the_lease_while_the_work_is_silent() -> None:
    held = held_run(project(), times=RunTimes(lease=60.0, heartbeat=0.1, watch=0.05))
    kept = held.run.lease_until

    def until():
        return TrainingRun.objects.values_list("lease_until", flat=True).get()

    with keep_lease(held=held):
        for beat in range(3):
            wait_until(lambda before=kept: until() > before, what=f"heartbeat {beat}")
            kept = until()
    assert kept > present() + timedelta(seconds=30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_databases
@pytest.mark.parametrize("news", ["cancelled", "overtaken"])
def test_the_heartbeat_interrupts_the_work(news: str) -> None:
    held = held_run(project(), times=QUICK)
    stopped: list[bool] = []
    with keep_lease(held=held), held.interrupting(lambda: stopped.append(True)):
        if news == "cancelled":
            cancel_run(run=held.run, actor=TESTER, now=present())
        else:
            taken_over(held)
        assert held.interrupted.wait(30)
        with pytest.raises(RunCancelled if news == "cancelled" else LeaseLost):
            held.check()
    assert stopped == [True]
    assert connection.is_usable()
