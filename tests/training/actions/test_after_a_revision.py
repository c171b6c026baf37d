"""A model of an earlier label set is judged by what its words mean now."""

from __future__ import annotations

import pytest

from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.queries.learning import approved_annotations, taxonomy_in_force
from tests.factories import DEFECT, GOOD, LABELS, TESTER, present, project
from tests.training.builders import (
    annotation_of,
    approved,
    brightness_onnx,
    first_champion,
    held_run,
    model,
    snapshot,
)
from training.actions.decide_gate import judge
from training.actions.ensure_policies import ensure_policies
from training.actions.evaluate_candidate import evaluate_candidate
from training.actions.revise_gate_policy import revise_gate_policy
from training.domain.exams import LeftOut, set_exams
from training.domain.gate import GateMargins
from training.models import EvaluationSet, ModelVersion
from training.queries.snapshot_rows import snapshot_rows

pytestmark = pytest.mark.django_db
CRACK, SCRATCH = "crack", "scratch"
SPOTS = (*LABELS, LabelSpec(SCRATCH, "Scratch", is_positive=True))


@pytest.fixture
def cells():
    return project()


def revise(cells, *keys: str, **mapping: str) -> None:
    labels = [LabelSpec(key, key.title(), is_positive=key != GOOD) for key in keys]
    spec = TaxonomySpec(labels, mapping=mapping)
    revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())


def known_answers(cells, *, bright: str = DEFECT, number: int = 24) -> None:
    for at in range(number):
        label, level = (bright, 200) if at % 2 else (GOOD, 50)
        approved(cells, label=label, fold="evaluate", level=level)


def sit(cells, *models: ModelVersion, held=None):
    taxonomy = taxonomy_in_force(cells.pk)
    known = approved_annotations(cells.pk, taxonomy.id)
    since = models[-1].snapshot.created_at
    odds = {one.annotation_id: 1.0 for one in known}
    readable = {one.item_id for one in known}
    exams = set_exams(known, readable=readable, champion_frozen_at=since, odds=odds)
    return taxonomy, evaluate_candidate(
        held=held or held_run(cells), models=models, exams=exams, taxonomy=taxonomy
    )


def answers(cells, one: ModelVersion, **more) -> list[str]:
    _, sittings = sit(cells, one, **more)
    return [key for sitting in sittings for key, _ in sitting.evaluations[one.pk].answers]


def verdict(cells, candidate: ModelVersion, champion: ModelVersion, **more):
    revise_gate_policy(
        project_id=cells.pk,
        margins=GateMargins(overall=0.1, min_source=1, min_target=5),
        automatic_promotion=False,
        actor=TESTER,
        now=present(),
    )
    taxonomy, sittings = sit(cells, candidate, champion, **more)
    return judge(
        sittings,
        left_out=LeftOut(),
        candidate=candidate,
        champion=champion,
        taxonomy=taxonomy,
        policy=ensure_policies(project_id=cells.pk, now=present()).gate,
        seed=1,
    )


def test_a_champion_that_was_right_is_right_under_the_new_name(cells) -> None:
    known_answers(cells)
    champion = first_champion(cells, onnx_file=brightness_onnx(threshold=125), frozen_at=present())
    known_answers(cells)
    revise(cells, GOOD, CRACK, defect=CRACK)
    worse = brightness_onnx(threshold=0, labels=(GOOD, CRACK))
    told = verdict(cells, model(cells, onnx_file=worse), champion)
    assert told.verdict == "refuse", told.reasons
    figures = {test.name: test.figures for test in told.tests}
    assert figures["target_better"]["champion"] == figures["source_not_worse"]["champion"] == 1.0


def test_labels_that_became_one_speak_for_it_together(cells) -> None:
    cells = project(labels=SPOTS)
    known_answers(cells, number=4)
    shares = brightness_onnx(threshold=125, labels=(SCRATCH, DEFECT))
    champion = first_champion(cells, onnx_file=shares)
    revise(cells, GOOD, CRACK, defect=CRACK, scratch=CRACK)
    assert answers(cells, champion) == [CRACK] * 4
    evaluated = champion.evaluations.get()
    assert [confidence for _, confidence in evaluated.answers] == [1.0] * 4


def test_a_key_that_means_something_else_now_is_not_taken_for_the_old_one(cells) -> None:
    known_answers(cells, number=4)
    champion = first_champion(cells, onnx_file=brightness_onnx(threshold=125))
    revise(cells, GOOD, CRACK, DEFECT, defect=CRACK)
    assert answers(cells, champion) == [GOOD, CRACK] * 2


def test_what_became_of_no_label_leaves_the_answer_to_the_others(cells) -> None:
    cells = project(labels=SPOTS)
    known_answers(cells, number=4)
    champion = first_champion(
        cells, onnx_file=brightness_onnx(threshold=125, labels=(GOOD, SCRATCH))
    )
    revise(cells, GOOD, DEFECT)
    assert answers(cells, champion) == [GOOD] * 4


@pytest.mark.both_databases
def test_what_was_measured_before_a_revision_is_measured_anew_after_it(cells) -> None:
    """No truth of the exam had the label that goes, so the questions stay what they were."""
    cells = project(labels=SPOTS)
    known_answers(cells, number=12)
    shares = brightness_onnx(threshold=125, labels=(GOOD, SCRATCH))
    champion, held = first_champion(cells, onnx_file=shares, frozen_at=present()), held_run(cells)
    assert answers(cells, champion, held=held) == [GOOD, SCRATCH] * 6
    revise(cells, GOOD, DEFECT)
    known_answers(cells, number=12)
    right = brightness_onnx(threshold=125)
    told = verdict(cells, model(cells, onnx_file=right), champion, held=held)
    assert told.verdict == "promote", told.reasons
    assert EvaluationSet.objects.filter(kind="source").count() == 2


def test_labels_are_learned_under_the_names_of_the_data_set(cells) -> None:
    item = approved(cells, label=DEFECT, fold="learn")
    revise(cells, GOOD, CRACK, defect=CRACK)
    frozen = snapshot(cells)
    frozen.members.create(annotation=annotation_of(item), fold="learn", recent=False)
    assert [row.label_key for row in snapshot_rows(frozen)] == [CRACK]
