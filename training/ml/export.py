"""ONNX files: the backbone once per installation, and a whole model per training.

A model is the backbone's graph with the head grafted on, so that it needs no second export; its
answers are then compared with torch's. The contract: input `images`, uint8 [N, size, size, 3];
output `probabilities`, float32 [N, K]; everything in between is inside the graph.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.domain.onnx_contract import INPUT, OUTPUT
from training.errors import ExportDisagrees
from training.ml.backbones import (
    EmbeddingNetwork,
    backbone_named,
    convert_weights,
    load_network,
)
from training.ml.checkpoint import write_atomically
from training.ml.head import CLIP, Head

OPSET = 18
EMBEDDING = "embedding"
TOLERANCE = 1e-4


def export_backbone(name: str, folder: Path) -> dict[str, Any]:
    """Write backbone.safetensors, .onnx and, last, .json, whose facts are returned."""
    backbone = backbone_named(name)
    folder.mkdir(parents=True, exist_ok=True)
    weights = convert_weights(backbone)
    digest = sha256(weights).hexdigest()
    write_atomically(folder / "backbone.safetensors", weights)
    network = load_network(backbone, folder / "backbone.safetensors", digest)
    graph = _traced(network, size=backbone.size)
    write_atomically(folder / "backbone.onnx", graph)
    facts = {
        "name": name,
        "digest": digest,
        "dimension": backbone.dimension,
        "size": backbone.size,
        "onnx_sha256": sha256(graph).hexdigest(),
    }
    write_atomically(folder / "backbone.json", json.dumps(facts, indent=2).encode())
    return facts


def graft_head(
    backbone: bytes, head: Head, *, temperature: float, metadata: dict[str, str]
) -> bytes:
    """The backbone's graph continued to calibrated probabilities; the same bytes every time."""
    model = onnx.load_from_string(backbone)
    graph = model.graph
    constants = head.tensors() | {
        "low": np.float32(-CLIP),
        "high": np.float32(CLIP),
        "temperature": np.float32(temperature),
    }
    for name, value in constants.items():
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"head.{name}"))
    graph.node.extend(
        [
            helper.make_node("Sub", [EMBEDDING, "head.mean"], ["head.centred"]),
            helper.make_node("Div", ["head.centred", "head.std"], ["head.z"]),
            helper.make_node("Clip", ["head.z", "head.low", "head.high"], ["head.clipped"]),
            helper.make_node(
                "Gemm", ["head.clipped", "head.weight", "head.bias"], ["head.logits"], transB=1
            ),
            helper.make_node("Div", ["head.logits", "head.temperature"], ["head.cooled"]),
            helper.make_node("Softmax", ["head.cooled"], [OUTPUT], axis=-1),
        ]
    )
    batch = graph.input[0].type.tensor_type.shape.dim[0].dim_param
    answers = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [batch, len(head.bias)])
    del graph.output[:]
    graph.output.append(answers)
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def check_agreement(
    model: bytes,
    network: EmbeddingNetwork,
    head: Head,
    *,
    temperature: float,
    images: NDArray[np.uint8],
) -> float:
    """The largest difference between torch's and ONNX Runtime's probabilities on `images`.

    Raises `ExportDisagrees` from 1e-4 on.
    """
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (found,) = session.run([OUTPUT], {INPUT: images})
    expected = _probabilities(network, head, temperature, torch.from_numpy(images))
    largest = float(np.abs(found - expected).max())
    if not largest < TOLERANCE:
        raise ExportDisagrees(f"torch and ONNX differ by {largest:.2e}, more than {TOLERANCE:.0e}.")
    return largest


def _traced(network: EmbeddingNetwork, *, size: int) -> bytes:
    images = torch.zeros((2, size, size, 3), dtype=torch.uint8)
    program = torch.onnx.export(
        network,
        (images,),
        input_names=[INPUT],
        output_names=[EMBEDDING],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=OPSET,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    if program is None:
        raise ExportDisagrees("torch exported no program.")
    model: Any = program.model_proto
    # The exporter notes stack traces, with this machine's paths, on every node and value.
    for part in (*model.graph.node, *model.graph.input, *model.graph.output):
        del part.metadata_props[:]
    del model.graph.value_info[:]
    return bytes(model.SerializeToString(deterministic=True))


@torch.inference_mode()
def _probabilities(
    network: EmbeddingNetwork, head: Head, temperature: float, images: torch.Tensor
) -> NDArray[np.float32]:
    mean, std, weight, bias = (torch.from_numpy(part) for part in head.tensors().values())
    z = ((network(images) - mean) / std).clamp(-CLIP, CLIP)
    answers = torch.softmax((z @ weight.T + bias) / temperature, dim=1)
    return np.asarray(answers.numpy(), dtype=np.float32)
