from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from training.errors import ExportDisagrees
from training.ml.backbones import backbone_named, load_network
from training.ml.export import check_agreement, graft_head
from training.ml.head import Head

IMAGES = np.random.default_rng(2).integers(0, 256, (2, 224, 224, 3), dtype=np.uint8)


@pytest.fixture
def head():
    random = np.random.default_rng(4)
    parts = (
        random.normal(0.3, 0.1, 1280),
        random.uniform(0.01, 0.5, 1280),
        random.normal(0, 0.05, (4, 1280)),
        random.normal(0, 1, 4),
    )
    return Head(*(part.astype(np.float32) for part in parts))


@pytest.fixture
def network(backbone):
    facts = json.loads((backbone / "backbone.json").read_text())
    lite0 = backbone_named(facts["name"])
    return load_network(lite0, backbone / "backbone.safetensors", facts["digest"])


@pytest.fixture
def graph(backbone):
    return (backbone / "backbone.onnx").read_bytes()


def test_grafting_gives_the_same_answers_as_torch(head, network, graph):
    torch.set_num_threads(1)
    model = graft_head(graph, head, temperature=1.7, metadata={"labels": "[]"})
    assert check_agreement(model, network, head, temperature=1.7, images=IMAGES) < 1e-4


def test_grafting_twice_gives_the_same_bytes(head, graph):
    facts = {"labels": "[]", "input_size": "224"}
    first, second = (graft_head(graph, head, temperature=1.7, metadata=facts) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("bend", ["temperature", "bias"])
def test_a_model_that_answers_otherwise_is_not_let_out(head, network, graph, bend):
    model = graft_head(graph, head, temperature=1.7, metadata={})
    other = replace(head, bias=head.bias + np.float32([0.01, 0, 0, 0]))
    temperature = 1.71 if bend == "temperature" else 1.7
    with pytest.raises(ExportDisagrees, match="differ by"):
        check_agreement(
            model,
            network,
            other if bend == "bias" else head,
            temperature=temperature,
            images=IMAGES,
        )
