from __future__ import annotations

import pytest

from annotations.queries.learning import approved_annotations, taxonomy_in_force
from tests.factories import DEFECT, GOOD, project
from tests.training.builders import (
    approved,
    brightness_onnx,
    first_champion,
    held_run,
    model,
)
from training.actions.evaluate_candidate import evaluate_candidate
from training.domain.exams import set_exams
from training.errors import ArtefactRefused
from training.models import Evaluation, EvaluationSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    made = project()
    for level in (20, 60, 100, 140, 180, 220):
        approved(made, label=DEFECT if level > 150 else GOOD, fold="evaluate", level=level)
    approved(made, fold="learn")
    return made


def sit(cells, *models, held=None):
    taxonomy = taxonomy_in_force(cells.pk)
    known = approved_annotations(cells.pk, taxonomy.id)
    readable = {one.item_id for one in known}
    exams = set_exams(known, readable=readable, champion_frozen_at=None, odds={})
    return evaluate_candidate(
        held=held or held_run(cells), models=models, exams=exams, taxonomy=taxonomy
    )


def test_both_models_answer_by_the_file_that_clients_get(cells) -> None:
    champion = first_champion(cells, onnx_file=brightness_onnx(threshold=40))
    candidate = model(cells, onnx_file=brightness_onnx(threshold=150))
    (sitting,) = sit(cells, candidate, champion)
    assert sitting.row.members.count() == 6
    ours = sitting.evaluations[candidate.pk]
    theirs = sitting.evaluations[champion.pk]
    assert ours.metrics["accuracy"] == 1.0
    assert (theirs.metrics["false_alarms"], theirs.metrics["missed"]) == (3, 0)
    assert [key for key, _ in ours.answers] == [GOOD] * 4 + [DEFECT] * 2
    assert all(0.5 <= confidence <= 1 for _, confidence in ours.answers)


def test_what_was_measured_is_not_measured_again(cells) -> None:
    candidate, held = model(cells), held_run(cells)
    sit(cells, candidate, held=held)
    sit(cells, candidate, held=held)
    assert (EvaluationSet.objects.count(), Evaluation.objects.count()) == (1, 1)


def test_a_model_file_that_was_changed_is_not_asked(cells) -> None:
    candidate = model(cells)
    candidate.onnx_sha256 = "0" * 64
    with pytest.raises(ArtefactRefused):
        sit(cells, candidate)
    assert not Evaluation.objects.exists()
