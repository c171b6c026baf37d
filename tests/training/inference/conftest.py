"""Tiny ONNX files with the contract of real ones: mean colour in, embedding or answer out."""

from __future__ import annotations

import json
from hashlib import sha256

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

SIZE = 4


def tiny(output: str, metadata: dict[str, str]) -> bytes:
    nodes = [
        helper.make_node("Cast", ["images"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float", "axes"], ["colour"], keepdims=0),
        helper.make_node("Softmax", ["colour"], [output], axis=-1),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", SIZE, SIZE, 3])
    answers = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", 3])
    axes = numpy_helper.from_array(np.array([1, 2]), "axes")
    graph = helper.make_graph(nodes, "tiny", [images], [answers], [axes])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture
def embedding_graph() -> tuple[bytes, str]:
    content = tiny("embedding", {})
    return content, sha256(content).hexdigest()


@pytest.fixture
def model() -> tuple[bytes, str]:
    content = tiny("probabilities", {"labels": json.dumps(["a", "b", "c"]), "input_size": "4"})
    return content, sha256(content).hexdigest()


@pytest.fixture
def images() -> np.ndarray:
    """More than one batch of them, the last one not full."""
    return np.random.default_rng(0).integers(0, 3, (71, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.fixture
def expected(images) -> np.ndarray:
    colour = np.exp(images.astype(np.float64).mean(axis=(1, 2)))
    return colour / colour.sum(axis=1, keepdims=True)
