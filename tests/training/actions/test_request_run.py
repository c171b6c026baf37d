from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from annotations.domain.kinds import KINDS
from reviewhub.common.models import AuditEntry
from tests.factories import TESTER, present, project
from tests.kinds import boxes_project, texts_project
from tests.races import at_once
from tests.training.builders import queued_run
from training.actions.cancel_run import cancel_run
from training.domain.recipes import LEARNED_KINDS
from training.errors import NothingLearnsThis, RunAlreadyActive
from training.models import RunState, TrainingRun

pytestmark = pytest.mark.django_db


def test_a_run_waits_in_the_queue_with_a_number_and_a_policy() -> None:
    run = queued_run(project())
    assert (run.number, run.state, run.policy.number) == (1, RunState.QUEUED, 1)
    assert AuditEntry.objects.filter(action="run.request").count() == 1


def test_numbers_go_on_after_a_run_has_ended() -> None:
    cells = project()
    cancel_run(run=queued_run(cells), actor=TESTER, now=present())
    assert queued_run(cells).number == 2


def test_a_second_active_run_is_refused_and_says_which_is_first() -> None:
    cells = project()
    queued_run(cells)
    with pytest.raises(RunAlreadyActive) as refused:
        queued_run(cells)
    assert refused.value.data == {"run": 1}


@pytest.mark.both_databases
def test_the_database_itself_refuses_a_second_active_run() -> None:
    run = queued_run(project())
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRun.objects.create(
            project=run.project,
            number=2,
            policy=run.policy,
            requested_by="a rival",
            created_at=present(),
        )


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_one_wins() -> None:
    cells = project()
    told = at_once(*[lambda: queued_run(cells)] * 6)
    assert sum(isinstance(one, TrainingRun) for one in told) == 1
    assert sum(isinstance(one, RunAlreadyActive) for one in told) == 5, told
    assert TrainingRun.objects.filter(project=cells).count() == 1


@pytest.mark.parametrize("of", [boxes_project, texts_project])
def test_where_nothing_learns_a_run_is_refused_by_name(of) -> None:
    with pytest.raises(NothingLearnsThis) as refused:
        queued_run(parts := of())
    assert refused.value.data == {"kind": parts.kind}
    assert not TrainingRun.objects.exists()


def test_every_kind_that_is_learned_has_a_learner_and_no_other(repository) -> None:
    learners = (repository / "training/ml/learners").glob("[!_]*.py")
    assert {path.stem for path in learners} == LEARNED_KINDS
    assert set(KINDS) >= LEARNED_KINDS
