from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from annotations.actions.approve_due import approve_due
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.undo_review import undo_review
from annotations.models import Item
from annotations.queries.learning import new_approvals
from tests.factories import DEFECT, GOOD, TESTER, present, project, queued, reviewer
from tests.kinds import answered, queued_text, texts_project
from tests.races import at_once
from tests.training.builders import held_run
from training.actions.cancel_run import cancel_run
from training.actions.claim_run import claim_run
from training.actions.consider_runs import consider_runs
from training.actions.request_run_if_due import request_run_if_due, situation_of
from training.actions.revise_training_policy import revise_training_policy
from training.models import RunState, TrainingRun
from training.queries.policies import training_policy_of
from training.signals import run_requested
from training.tasks import reconcile

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
    person = reviewer(cells)
    for label in labels:
        Item.objects.filter(pk=queued(cells).item_id).update(fold="learn")
        last = answer(cells, person, label)
    return last


def answer(cells, person, label: str):
    held = claim_next(project=cells, reviewer=person, now=present())
    told = submit_review(
        project=cells,
        entry_uid=held.entry.uid,
        reviewer=person,
        verdict="label" if label else "reject",
        label_key=label,
        reason="" if label else "blurred",
        token=uuid4(),
        seconds=1.0,
        now=present(),
    )
    approve_due(now=present() + HOUR)
    return told


def begin(run):
    """A worker takes the run, and it fails."""
    assert claim_run(run_id=run.pk, worker="w", lease_seconds=60, now=present())
    TrainingRun.objects.filter(pk=run.pk).update(
        state=RunState.FAILED, ended_at=present(), error="no"
    )


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
    begin(due(cells))
    assert due(cells, later=9 * HOUR) is None


def test_what_is_approved_after_a_run_began_counts_for_the_next() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    begin(due(cells))
    reviewed(cells, GOOD, DEFECT, GOOD)
    assert due(cells, later=9 * HOUR) is None
    reviewed(cells, "")
    assert due(cells, later=9 * HOUR) is None, "an unusable item is no label"
    reviewed(cells, DEFECT)
    assert due(cells, later=9 * HOUR) is not None


def test_an_attempt_that_begins_again_is_offered_nothing_anew() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    run = due(cells)
    for moment in (present(), present() + HOUR):
        assert claim_run(run_id=run.pk, worker="w", lease_seconds=60, now=moment)
        reviewed(cells, GOOD, DEFECT)
    assert new_approvals(cells.pk) == 4


def test_an_item_judged_anew_is_not_a_new_one() -> None:
    cells = project()
    policy(cells)
    last = reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    begin(due(cells))
    undo_review(project=cells, review_uid=last.uid, reviewer=last.reviewer, now=present())
    assert new_approvals(cells.pk) == 0
    answer(cells, last.reviewer, GOOD)
    assert new_approvals(cells.pk) == 0
    reviewed(cells, GOOD)
    assert new_approvals(cells.pk) == 1


def test_the_reconciler_finds_what_no_message_told() -> None:
    cells = project()
    policy(cells)
    reviewed(cells, GOOD, DEFECT, GOOD, DEFECT)
    assert [run.project for run in consider_runs(now=present())] == [cells]
    assert consider_runs(now=present()) == []


def test_a_project_that_fails_keeps_the_reconciler_from_no_other() -> None:
    lost, held, broken, due = (project() for _ in range(4))
    for each in (lost, held):
        held_run(each)
    long_ago = present() - HOUR
    TrainingRun.objects.update(lease_until=long_ago)
    for each in (broken, due):
        policy(each)
        reviewed(each, GOOD, DEFECT, GOOD, DEFECT)

    def refuse(*, run_id: int, **_: object) -> None:
        if TrainingRun.objects.get(pk=run_id).project in (lost, broken):
            raise RuntimeError("this run may not be told of")

    run_requested.connect(refuse)
    try:
        with pytest.raises(ExceptionGroup, match="failed: recovered, requested"):
            reconcile.run()
    finally:
        run_requested.disconnect(refuse)
    states = dict(TrainingRun.objects.values_list("project", "state"))
    assert states == {lost.pk: "running", held.pk: "queued", due.pk: "queued"}


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
