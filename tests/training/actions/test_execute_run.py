"""Whole runs with the real learning process: slow, since torch is."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import numpy as np
import pytest

from annotations.actions.register_predictor import register_predictor
from annotations.models import Item, Origin
from annotations.queries.learning import open_item_image
from reviewhub.common.models import OutboxEvent
from tests.factories import EVERYTHING_AUDITED, GOOD, TESTER, present, project
from tests.training.builders import approved, queued_run
from tests.training.pictures import SAME_FOLDS, judged_pictures, labelled_pictures, picture
from training.actions.execute_run import execute_run
from training.actions.held_run import RunTimes
from training.actions.revise_gate_policy import revise_gate_policy
from training.artifacts import read_manifest, read_onnx
from training.domain.gate import GateMargins
from training.inference.images import to_pixels
from training.inference.predictor import OnnxPredictor
from training.models import (
    Embedding,
    EvaluationMember,
    ModelVersion,
    RunState,
    TrainingRun,
    Verdict,
)
from training.queries.champion import champion_of
from training.queries.model_report import model_report
from training.queries.run_detail import run_detail

pytestmark = pytest.mark.django_db(transaction=True)
MARGINS = GateMargins(overall=0.5, min_source=5, min_target=5)


@pytest.fixture
def cells():
    made = project(uid=SAME_FOLDS, rules=EVERYTHING_AUDITED)
    revise_gate_policy(
        project_id=made.pk,
        margins=MARGINS,
        automatic_promotion=True,
        actor=TESTER,
        now=present(),
    )
    return made


def execute(run, **more) -> TrainingRun:
    execute_run(run_id=run.pk, worker="test", **more)
    run.refresh_from_db()
    return run


def test_from_approved_labels_to_a_champion_and_from_new_ones_to_its_challenger(cells) -> None:
    items = labelled_pictures(cells, 80)
    run = execute(queued_run(cells))
    assert (run.state, run.error) == (RunState.SUCCEEDED, ""), run.log_tail
    assert (run.progress, run.step, run.lease_until) == (1.0, "done", None)
    champion = champion_of(cells.pk)
    assert champion is not None
    assert champion.run == run
    _check_manifest(champion, items)
    _check_file(champion)
    detail = run_detail(cells.pk, 1)
    assert [step.state for step in detail.steps] == ["done"] * 5
    assert Embedding.objects.count() == 80
    report = model_report(cells.pk, 1)
    assert report.decision.verdict == Verdict.PROMOTE
    assert report.sentence.startswith("The gate recommends it, compared with no champion.")
    assert OutboxEvent.objects.filter(project_id=cells.pk).count() == 4
    told = set(OutboxEvent.objects.values_list("type", flat=True))
    assert told == {"snapshot.frozen", "gate.decided", "model.promoted", "run.finished"}

    judged_pictures(cells, 40, first_seed=500)
    double = _double_of_something_learned(cells, champion)
    _a_client_had_sent(cells, version="2")
    second = execute(queued_run(cells))
    assert second.state == RunState.SUCCEEDED, second.error
    assert second.snapshot.counts["recent"] > 0
    judged = model_report(cells.pk, 3)
    assert {one.kind for one in judged.evaluations} == {"source", "target"}
    assert all(one.champion and one.challenger for one in judged.evaluations)
    assert judged.decision.champion_number == 1
    asked = next(test for test in judged.decision.tests if test.name == "enough_target_items")
    assert asked.figures["n"] >= 5
    assert asked.figures["left_out"] == 0
    older = next(test for test in judged.decision.tests if test.name == "enough_source_items")
    assert older.figures["learned"] >= 1
    assert "one of the models has learned" in older.sentence
    _check_never_asked(double, second)


def _check_manifest(champion: ModelVersion, items: list[Item]) -> None:
    snapshot = champion.snapshot
    content = read_manifest(key=snapshot.manifest_key, digest=snapshot.digest)
    assert sha256(content).hexdigest() == snapshot.digest
    members = {member["item"] for member in json.loads(content)["members"]}
    learnable = {item.external_id for item in items if item.fold != "evaluate"}
    assert members <= learnable
    assert snapshot.members.filter(fold="evaluate").count() == 0
    assert len(members) == snapshot.members.count() > 40


def _check_file(champion: ModelVersion) -> None:
    predictor = OnnxPredictor(read_onnx(champion), champion.onnx_sha256)
    item = Item.objects.filter(project=champion.project).first()
    answer = predictor.predict(to_pixels([open_item_image(item.pk)], size=predictor.size))
    assert np.isclose(answer.sum(), 1.0, atol=1e-5)


def _a_client_had_sent(cells, *, version: str) -> None:
    """Predictions under the project's own name, before that was refused."""
    register_predictor(
        project=cells,
        name=cells.slug,
        version=version,
        origin=Origin.CLIENT,
        taxonomy=cells.taxonomies.get(),
        now=present(),
    )


def _double_of_something_learned(cells, champion: ModelVersion) -> Item:
    """The picture of a learned item under another name, held out, that comes after it was learned.

    With an older approval, so that it is asked among the older items whatever an audit drew.
    """
    learned = champion.snapshot.members.filter(fold="learn", annotation__label_key=GOOD).first()
    seed = int(learned.annotation.item.external_id.removeprefix("picture-"))
    when = champion.snapshot.created_at - timedelta(seconds=1)
    return approved(cells, fold="evaluate", picture=picture(GOOD, seed), when=when)


def _check_never_asked(double: Item, run: TrainingRun) -> None:
    assert not EvaluationMember.objects.filter(annotation__item=double).exists()
    evaluated = run_detail(run.project_id, run.number).steps[3]
    assert evaluated.figures["learned_before"] >= 1


def test_too_little_to_learn_from_ends_the_run_with_words(cells) -> None:
    labelled_pictures(cells, 4)
    run = execute(queued_run(cells))
    assert (run.state, run.error_code) == (RunState.FAILED, "too_few_annotations")
    assert "learn fold" in run.error
    assert run.attempt == 1


def test_a_learning_process_past_its_time_limit_is_ended(cells) -> None:
    labelled_pictures(cells, 60)
    run = execute(queued_run(cells), times=RunTimes(child=0.3))
    assert (run.state, run.error_code) == (RunState.FAILED, "child_timed_out")


def test_a_run_that_somebody_else_holds_is_left_alone(cells) -> None:
    run = queued_run(cells)
    later = present() + timedelta(hours=1)
    TrainingRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, fence=7, lease_until=later)
    assert execute(run).fence == 7
