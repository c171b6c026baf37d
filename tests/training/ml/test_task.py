from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from reviewhub.common.errors import InvalidInput
from training.errors import TooFewAnnotations
from training.ml.task import read_task


def test_a_task_is_read_with_its_splits(work):
    task = read_task(work)
    assert (len(task.learn), len(task.validate), len(task.sample)) == (200, 40, 3)
    assert task.learn.recent.sum() == 50
    assert task.request.labels == ("good", "crack", "scratch")


def test_the_fingerprint_follows_every_input(work, request_document):
    before = read_task(work).fingerprint
    assert read_task(work).fingerprint == before
    (work / "request.json").write_text(json.dumps({**request_document, "seed": 4}))
    assert read_task(work).fingerprint != before


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["good"]},
        {"labels": ["good", "good"]},
        {"name": ""},
        {"taxonomy": "new"},
        {"recipe": {"backbone": "efficientnet_lite0", "weightings": ["mine"]}},
        {"recipe": {}},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(work, request_document, change):
    (work / "request.json").write_text(json.dumps({**request_document, **change}))
    with pytest.raises(InvalidInput):
        read_task(work)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": np.full(240, 3, dtype=np.int64)},
        {"labels": np.zeros(239, dtype=np.int64)},
        {"split": np.full(240, 2, dtype=np.int64)},
        {"group": np.full(240, -1, dtype=np.int64)},
        {"embeddings": np.full((240, 1280), np.inf, dtype=np.float16)},
        {"embeddings": np.zeros(240, dtype=np.float16)},
    ],
)
def test_data_of_other_shape_or_range_are_refused(work, examples, change):
    save_file({**examples, **change}, work / "data.safetensors")
    with pytest.raises(InvalidInput, match="shape, range or number"):
        read_task(work)


@pytest.mark.parametrize("name", ["request.json", "data.safetensors", "sample.safetensors"])
def test_a_file_that_is_missing_or_broken_is_refused(work, name):
    (work / name).write_bytes(b"{")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_task(work)
    (work / name).unlink()
    with pytest.raises(InvalidInput, match=name):
        read_task(work)


def test_missing_columns_are_named(work, examples):
    save_file({"labels": examples["labels"]}, work / "data.safetensors")
    with pytest.raises(InvalidInput, match="embeddings, group, split"):
        read_task(work)


def test_sample_images_must_be_pixels(work):
    save_file({"images": np.zeros((2, 224, 224, 3), dtype=np.float32)}, work / "sample.safetensors")
    with pytest.raises(InvalidInput, match="uint8"):
        read_task(work)


def test_one_label_alone_teaches_nothing(work, examples):
    save_file({**examples, "labels": np.zeros(240, dtype=np.int64)}, work / "data.safetensors")
    with pytest.raises(TooFewAnnotations):
        read_task(work)
