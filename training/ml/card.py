"""What a trained model says about itself: to clients inside the ONNX file, to everybody as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np

from training.domain import onnx_contract
from training.ml.learners.image_classification import Calibration
from training.ml.task import Task


def client_facts(task: Task, backbone: dict[str, Any], temperature: float) -> dict[str, str]:
    """What a client needs to know, inside the file itself."""
    return {
        onnx_contract.MODEL_NAME: task.request.name,
        onnx_contract.MODEL_VERSION: task.request.version,
        onnx_contract.LABELS: json.dumps(task.request.labels),
        onnx_contract.TAXONOMY_VERSION: str(task.request.taxonomy),
        onnx_contract.INPUT_SIZE: str(backbone["size"]),
        onnx_contract.RESIZED_BY: onnx_contract.RESIZE,
        onnx_contract.TEMPERATURE: repr(temperature),
        onnx_contract.BACKBONE: backbone["name"],
        onnx_contract.BACKBONE_DIGEST: backbone["digest"],
    }


def write_card(
    task: Task,
    *,
    backbone: dict[str, Any],
    weighting: dict[str, Any],
    calibration: Calibration,
    difference: float,
    files: dict[str, bytes],
) -> dict[str, Any]:
    """What people and programs should know of a model: what it learned from, and how well."""
    request = task.request
    return {
        "model": {"name": request.name, "version": request.version},
        "kind": "image_classification",
        "labels": list(request.labels),
        "taxonomy_version": request.taxonomy,
        "input": {
            "images": "uint8 NHWC RGB",
            "size": backbone["size"],
            "resize": onnx_contract.RESIZE,
        },
        "backbone": backbone,
        "recipe": request.recipe.as_json(),
        "weighting": weighting,
        "examples": {
            "learn": _counted(task.learn.labels, request.labels),
            "learn_recent": _counted(task.learn.labels[task.learn.recent], request.labels),
            "validate": _counted(task.validate.labels, request.labels),
        },
        "calibration": asdict(calibration),
        "agreement": {"images": len(task.sample), "largest_difference": difference},
        "files": {
            name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in files.items()
        },
        "software": {name: version(name) for name in _SOFTWARE},
        "seed": request.seed,
        "dataset": request.dataset,
        "fingerprint": task.fingerprint,
    }


_SOFTWARE = ("torch", "timm", "scikit-learn", "onnx", "onnxruntime")


def _counted(labels: np.ndarray[Any, Any], keys: tuple[str, ...]) -> dict[str, int]:
    return {key: int(np.sum(labels == number)) for number, key in enumerate(keys)}
