"""Invariant 9: a model file is read only if its bytes are those its row speaks of."""

from __future__ import annotations

import pickle

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from tests.factories import project
from tests.training.builders import brightness_onnx, model
from training.artifacts import open_onnx, read_manifest, read_onnx, store_file, store_manifest
from training.errors import ArtefactMissing, ArtefactRefused
from training.inference.predictor import OnnxPredictor

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def replace(key: str, content: bytes) -> None:
    storages["models"].delete(key)
    assert storages["models"].save(key, ContentFile(content)) == key


def test_a_stored_file_comes_back_as_it_was() -> None:
    version = model(project())
    with open_onnx(version) as content:
        assert content.read() == brightness_onnx() == read_onnx(version)


def test_a_manifest_is_named_by_its_content_and_kept_once() -> None:
    cells = project()
    first = store_manifest(project_uid=cells.uid, content=b"{}")
    assert store_manifest(project_uid=cells.uid, content=b"{}") == first
    assert read_manifest(key=first.key, digest=first.sha256) == b"{}"


def test_a_worker_of_another_fence_overwrites_nothing(tmp_path) -> None:
    cells, path = project(), tmp_path / "model.onnx"
    kept = []
    for fence in (1, 2):
        path.write_bytes(b"made under fence %d" % fence)
        kept.append(store_file(project_uid=cells.uid, run_uid=cells.uid, fence=fence, path=path))
    assert kept[0].key != kept[1].key
    with storages["models"].open(kept[0].key) as content:
        assert content.read() == b"made under fence 1"


def test_a_file_that_was_changed_in_storage_is_refused() -> None:
    version = model(project())
    replace(version.onnx_key, brightness_onnx(threshold=1.0))
    with pytest.raises(ArtefactRefused):
        open_onnx(version)


def test_a_manifest_that_was_changed_in_storage_is_refused() -> None:
    stored = store_manifest(project_uid=project().uid, content=b'{"members":[]}')
    replace(stored.key, b'{"members":[1]}')
    with pytest.raises(ArtefactRefused):
        read_manifest(key=stored.key, digest=stored.sha256)


def test_a_file_that_is_gone_is_told_by_name() -> None:
    version = model(project())
    storages["models"].delete(version.onnx_key)
    with pytest.raises(ArtefactMissing, match="model"):
        read_onnx(version)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_a_pickle_in_the_place_of_a_model_is_never_executed() -> None:
    version = model(project())
    replace(version.onnx_key, pickle.dumps(Bomb()))
    with pytest.raises(ArtefactRefused):
        read_onnx(version)
    with pytest.raises(ArtefactRefused):
        OnnxPredictor(pickle.dumps(Bomb()), version.onnx_sha256)
