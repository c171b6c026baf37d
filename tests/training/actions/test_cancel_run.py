from __future__ import annotations

import pytest

from reviewhub.common.models import OutboxEvent
from tests.factories import TESTER, present, project
from tests.training.builders import held_run, queued_run
from training.actions.cancel_run import cancel_run
from training.errors import RunAlreadyEnded
from training.models import RunState

pytestmark = pytest.mark.django_db


def test_a_queued_run_ends_at_once_and_subscribers_hear_of_it() -> None:
    run = cancel_run(run=queued_run(project()), actor=TESTER, now=present())
    assert (run.state, run.message) == (RunState.CANCELLED, "Cancelled by tests.")
    assert run.ended_at is not None
    assert OutboxEvent.objects.get(type="run.finished").data["state"] == "cancelled"


def test_of_a_running_run_the_worker_is_asked_to_stop() -> None:
    run = cancel_run(run=held_run(project()).run, actor=TESTER, now=present())
    assert run.state == RunState.RUNNING
    first = run.cancel_requested_at
    again = cancel_run(run=run, actor=TESTER, now=present())
    assert again.cancel_requested_at == first


def test_an_ended_run_cannot_be_cancelled() -> None:
    run = cancel_run(run=queued_run(project()), actor=TESTER, now=present())
    with pytest.raises(RunAlreadyEnded):
        cancel_run(run=run, actor=TESTER, now=present())
