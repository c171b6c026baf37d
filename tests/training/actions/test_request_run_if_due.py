from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.approve_due import approve_due
from annotations.models import Item
from tests.factories import DEFECT, GOOD, TESTER, present, project, queued, reviewer
from tests.kinds import answered, queued_text, texts_project
from tests.races import at_once
from training.actions.cancel_run import cancel_run
from training.actions.consider_runs import consider_runs
from training.actions.request_run_if_due import request_run_if_due, situation_of
from training.actions.revise_training_policy import revise_training_policy
from training.models import RunState, TrainingRun
from training.queries.policies import training_policy_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def policy(cells, *, automatic: bool = True, needed: int = 4) -> None:
    revise_training_policy(
        project_id=cells.pk,
        automatic=automatic,
        approvals_needed=needed,
        cooldown_seconds=1800,
        actor=TESTER,
        now=present(),
    )


def reviewed(cells, *labels: str):
    """Entries that were answered, settled and approved; all in the learn fold."""
    from uuid import uuid4

    from annotations.actions.approve_due import approve_due
    from annotations.actions.claim_next import claim_next
    from annotations.actions.submit_review import submit_review

    person = reviewer(cells)
    for label in labels:
        Item.objects.filter(pk=queued(cells).item_id).update(fold="learn")
        held = claim_next(project=cells, reviewer=person, now=present())
        submit_review(
            project=cells,
            entry_uid=held.entry.uid,
            reviewer=person,
            verdict="label",
            label_key=label,
            reason="",
            token=uuid4(),
            seconds=1.0,
            now=present(),
        )
    approve_due(now=present() + HOUR)


def due(cells, *, later: timedelta = timedelta()):
    return request_run_if_due(project_id=cells.pk, now=present() + later)


def test_enough_approvals_of_two_labels_ask_for_a_run() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD)
    assert due(cells) is None
    reviewed(cells, DEFECT)
    run = due(cells)
    assert run.requested_by == "training policy 1"
    assert run.reasons == ["4 annotations were approved since the last run; 4 are asked for."]


def test_one_label_alone_teaches_nothing() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, GOOD, GOOD, GOOD)
    assert due(cells) is None


def test_a_project_that_is_not_automatic_waits_for_people() -> None:
    cells = project()
    policy(cells, automatic=False)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    assert due(cells) is None
    assert consider_runs(now=present()) == []


def test_after_a_run_has_ended_there_is_a_pause() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    cancel_run(run=due(cells), actor=TESTER, now=present())
    assert due(cells) is None
    assert due(cells, later=HOUR) is not None


def test_approvals_that_a_run_was_offered_ask_for_no_other() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    run = due(cells)
    TrainingRun.objects.filter(pk=run.pk).update(
        state=RunState.FAILED,
        started_at=present() + 2 * HOUR,
        ended_at=present() + 2 * HOUR,
        error="no",
    )
    assert due(cells, later=9 * HOUR) is None


def test_the_reconciler_finds_what_no_message_told() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    assert [run.project for run in consider_runs(now=present())] == [cells]
    assert consider_runs(now=present()) == []


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_messages_at_once_one_run_comes() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    now = present()
    told = at_once(*[lambda: request_run_if_due(project_id=cells.pk, now=now)] * 5)
    assert sum(isinstance(one, TrainingRun) for one in told) == 1, told
    assert told.count(None) == 4


def test_a_kind_that_nothing_learns_never_asks_by_itself() -> None:
    mail = texts_project()
    policy(mail, needed=2)
    person = reviewer(mail)
    for label in (GOOD, DEFECT, GOOD):
        entry = queued_text(mail, f"a text about {label}", label=label)
        Item.objects.filter(pk=entry.item_id).update(fold="learn")
        answered(mail, entry, person, "confirm")
    approve_due(now=present() + HOUR)
    assert situation_of(mail.pk, training_policy_of(mail.pk)).new_approvals == 3
    assert due(mail) is None
    assert consider_runs(now=present()) == []
