from __future__ import annotations

import pytest

from tests.factories import DEFECT, present, project
from tests.training.builders import (
    annotation_of,
    approved,
    decision,
    first_champion,
    held_run,
    model,
    queued_run,
    snapshot,
)
from training.errors import NoChampion, UnknownModel, UnknownRun
from training.models import ModelRole, RunStep, SnapshotMember, Verdict
from training.queries.champion import champion_of, champion_or_refuse, model_numbered
from training.queries.learning_of_item import learning_of_item
from training.queries.model_report import model_report
from training.queries.models_page import models_page
from training.queries.overview import overview_of
from training.queries.run_detail import run_detail
from training.queries.runs_page import runs_page

pytestmark = pytest.mark.django_db


def test_runs_come_newest_first_and_page_by_number() -> None:
    cells = project()
    for _ in range(5):
        model(cells)
    newest = runs_page(cells.pk, size=2)
    assert [row.number for row in newest.rows] == [5, 4]
    older = runs_page(cells.pk, size=2, before=newest.next_before)
    assert [row.number for row in older.rows] == [3, 2]
    last = runs_page(cells.pk, size=2, before=older.next_before)
    assert ([row.number for row in last.rows], last.next_before) == ([1], None)


def test_a_run_knows_its_model_and_the_verdict_on_it() -> None:
    cells = project()
    decision(model(cells), verdict=Verdict.REFUSE)
    (row,) = runs_page(cells.pk).rows
    assert (row.model_number, row.verdict, row.active) == (1, "refuse", False)


def test_a_run_in_progress_shows_each_step_of_the_plan() -> None:
    cells = project()
    held = held_run(cells)
    held.begin(RunStep.EMBED, "Embedding.")
    held.close({"items": 3})
    held.begin(RunStep.FREEZE, "Freezing.")
    detail = run_detail(cells.pk, 1)
    assert [step.state for step in detail.steps] == ["done", "running", *["waiting"] * 3]
    assert detail.steps[0].figures == {"items": 3}
    assert detail.steps[0].seconds >= 0
    assert (detail.row.message, detail.attempt, detail.row.active) == ("Freezing.", 1, True)


def test_there_is_no_such_run_in_this_project() -> None:
    queued_run(project())
    with pytest.raises(UnknownRun):
        run_detail(project().pk, 1)


def test_the_champion_is_one_or_none() -> None:
    cells = project()
    assert champion_of(cells.pk) is None
    with pytest.raises(NoChampion):
        champion_or_refuse(cells.pk)
    first = first_champion(cells)
    assert champion_or_refuse(cells.pk) == first
    assert model_numbered(cells.pk, 1) == first
    with pytest.raises(UnknownModel):
        model_numbered(project().pk, 1)


def test_a_candidate_waits_until_somebody_decides() -> None:
    cells = project()
    first_champion(cells)
    decision(model(cells), verdict=Verdict.NOT_ENOUGH_EVIDENCE)
    newest, oldest = models_page(cells.pk).rows
    assert (newest.waiting, newest.verdict_label) == (True, "Not enough evidence")
    assert (oldest.waiting, oldest.role_label) == (False, "Champion")
    assert oldest.promoted_at is not None


def test_a_report_says_first_what_the_gate_says() -> None:
    cells = project()
    champion = first_champion(cells)
    decision(model(cells), champion=champion)
    report = model_report(cells.pk, 2)
    assert report.sentence == ("The gate recommends it, compared with v1.")
    assert (report.can_be_promoted, report.needs_reason) == (True, False)
    assert report.decision.champion_number == 1


def test_a_report_asks_for_a_reason_once_the_verdict_is_outdated() -> None:
    cells = project()
    decision(model(cells), champion=None)
    first_champion(cells)
    assert model_report(cells.pk, 1).needs_reason


def test_a_model_that_nobody_judged_says_so() -> None:
    cells = project()
    model(cells)
    assert model_report(cells.pk, 1).sentence == "Model 1 has not been judged yet."
    with pytest.raises(UnknownModel):
        model_report(cells.pk, 2)


def test_an_item_knows_the_models_that_learned_from_it() -> None:
    cells = project()
    item, version = approved(cells, fold="learn"), model(cells)
    SnapshotMember.objects.create(
        snapshot=version.snapshot, annotation=annotation_of(item), fold="learn", recent=True
    )
    (learned,) = learning_of_item(item.pk).learned_in
    assert [mention.number for mention in learned.models] == [1]
    assert learning_of_item(approved(cells, fold="learn").pk).learned_in == ()


def test_the_overview_counts_every_run_and_model_once() -> None:
    cells = project()
    first_champion(cells)
    model(cells)
    queued_run(cells)
    seen = overview_of(cells.pk)
    assert (seen.runs["succeeded"], seen.runs["queued"]) == (2, 1)
    assert seen.active_run.number == 3
    assert seen.models[ModelRole.CHAMPION] == 1
    assert [row.number for row in seen.waiting] == [2]
    assert (seen.champion.number, seen.promotions, seen.snapshots) == (1, 1, 2)


def test_an_empty_project_has_an_overview_too() -> None:
    seen = overview_of(project().pk)
    assert (seen.champion, seen.last_run, seen.approvals_needed) == (None, None, None)
    assert sum(seen.runs.values()) == sum(seen.models.values()) == 0


@pytest.mark.both_databases
def test_the_database_refuses_an_exam_item_in_a_snapshot() -> None:
    from django.db import IntegrityError, transaction

    cells = project()
    item = approved(cells, label=DEFECT, fold="evaluate", when=present())
    with pytest.raises(IntegrityError), transaction.atomic():
        SnapshotMember.objects.create(
            snapshot=snapshot(cells),
            annotation=annotation_of(item),
            fold="evaluate",
            recent=False,
        )
