from __future__ import annotations

from hashlib import sha256

import pytest

from annotations.actions.register_predictor import register_predictor
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import TaxonomySpec
from annotations.models import Origin
from tests.factories import LABELS, TESTER, present, project
from tests.training.builders import brightness_onnx, colour_backbone, held_run, model, snapshot
from training.actions.register_candidate import register_candidate
from training.actions.retry_run import retry_run
from training.actions.train_candidate import Trained
from training.artifacts import read_onnx
from training.errors import ArtefactRefused, LeaseLost, PredictorTaken
from training.models import ModelRole, ModelVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def trained(tmp_path) -> Trained:
    contents = {"model.onnx": brightness_onnx(), "head.safetensors": b"weights"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = {name: {"sha256": sha256(content).hexdigest()} for name, content in contents.items()}
    return Trained(
        number=2,
        onnx=tmp_path / "model.onnx",
        weights=tmp_path / "head.safetensors",
        card={"files": files, "labels": ["good", "defect"]},
    )


def register(held, trained, tmp_path, *, frozen=None) -> ModelVersion:
    return register_candidate(
        held=held,
        trained=trained,
        snapshot=frozen or snapshot(held.run.project),
        backbone=colour_backbone(tmp_path),
    )


def test_a_candidate_is_a_row_with_checked_files_and_a_predictor(trained, tmp_path) -> None:
    cells = project()
    elder = model(cells)
    made = register(held_run(cells), trained, tmp_path)
    assert (made.number, made.role) == (2, ModelRole.CANDIDATE)
    assert read_onnx(made) == brightness_onnx()
    assert (made.predictor.name, made.predictor.version) == (cells.slug, "2")
    elder.refresh_from_db()
    assert elder.role == ModelRole.ARCHIVED


def test_a_file_that_is_not_the_card_s_is_refused(trained, tmp_path) -> None:
    trained.weights.write_bytes(b"other weights")
    with pytest.raises(ArtefactRefused):
        register(held_run(project()), trained, tmp_path)
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("told", [{"origin": Origin.CLIENT}, {"number": 2}])
def test_a_version_that_is_another_s_in_traffic_is_not_made_ours(trained, tmp_path, told) -> None:
    cells = project()
    taxonomy = cells.taxonomies.get()
    if told.pop("number", 0):
        spec = TaxonomySpec(LABELS)
        taxonomy = revise_taxonomy(project=cells, spec=spec, actor=TESTER, now=present())
    others = {"taxonomy": taxonomy, "origin": Origin.REVIEWHUB} | told
    register_predictor(project=cells, name=cells.slug, version="2", now=present(), **others)
    first = snapshot(cells, taxonomy=cells.taxonomies.get(number=1))
    with pytest.raises(PredictorTaken):
        register(held_run(cells), trained, tmp_path, frozen=first)
    assert not ModelVersion.objects.exists()


@pytest.mark.both_databases
def test_a_worker_that_lost_its_lease_publishes_nothing(trained, tmp_path) -> None:
    held = held_run(project())
    assert retry_run(run=held.run, code="x", why="taken away", now=present())
    with pytest.raises(LeaseLost):
        register(held, trained, tmp_path)
    assert not ModelVersion.objects.exists()
