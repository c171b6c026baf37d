"""One training from its folder to its model, read top to bottom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors import numpy as safetensors

from training.errors import ArtefactRefused
from training.ml import card
from training.ml.backbones import backbone_named, load_network
from training.ml.checkpoint import Checkpoint, Stages, publish_folder
from training.ml.export import check_agreement, graft_head
from training.ml.head import Head
from training.ml.learners.image_classification import (
    Calibration,
    calibrate,
    choose_weighting,
    learn_head,
)
from training.ml.task import Task, read_task

Report = Callable[[str, float, str], None]
"""Called with the step, the share of the whole training done, and a message for people."""


def fit(work: Path, *, report: Report) -> dict[str, Any]:
    """Train what `work` asks for, write `work/out`, and return the card.

    Each stage leaves a checkpoint: after a kill the same call goes on where it stopped and ends
    with the same bytes; after success it only returns the card again.
    """
    task = read_task(work)
    done = _finished_card(work, task)
    if done is not None:
        report("done", 1.0, "This training had finished before")
        return done
    stages = Stages(work / "checkpoint", fingerprint=task.fingerprint)
    report("read", 0.05, f"{len(task.learn)} examples to learn from, {len(task.validate)} to check")

    choice = stages.once("weighting", lambda: _weighting(task, report))
    report("weighting", 0.5, f"Recent labels weigh '{choice.facts['weighting']}'")

    trained = stages.once("head", lambda: _head(task, choice.facts["weighting"]))
    head = Head.from_tensors(trained.tensors)
    report("head", 0.6, "The head is trained")

    calibrated = stages.once("calibration", lambda: _calibration(task, head))
    calibration = Calibration(**calibrated.facts)
    report("calibration", 0.7, f"Temperature {calibration.temperature:.2f}")

    backbone = _backbone_facts(task)
    model = graft_head(
        _backbone_graph(task, backbone),
        head,
        temperature=calibration.temperature,
        metadata=card.client_facts(task, backbone, calibration.temperature),
    )
    report("export", 0.8, "The ONNX graph is written; comparing it with torch")
    difference = _agreement(task, backbone, model, head, calibration.temperature)

    files = {"head.safetensors": safetensors.save(head.tensors()), "model.onnx": model}
    written = card.write_card(
        task,
        backbone=backbone,
        weighting=choice.facts,
        calibration=calibration,
        difference=difference,
        files=files,
    )
    publish_folder(work / "out", files | {"card.json": json.dumps(written, indent=2).encode()})
    report("done", 1.0, f"torch and ONNX agree within {difference:.1e}")
    return written


def _finished_card(work: Path, task: Task) -> dict[str, Any] | None:
    path = work / "out" / "card.json"
    if not path.exists():
        return None
    written: dict[str, Any] = json.loads(path.read_bytes())
    return written if written["fingerprint"] == task.fingerprint else None


def _weighting(task: Task, report: Report) -> Checkpoint:
    choice = choose_weighting(
        task.learn,
        recipe=task.request.recipe,
        classes=len(task.request.labels),
        seed=task.request.seed,
        told=lambda share: report("weighting", 0.1 + 0.4 * share, "Weighing recent labels"),
    )
    return Checkpoint(facts=asdict(choice))


def _head(task: Task, weighting: str) -> Checkpoint:
    head = learn_head(
        task.learn,
        weighting=weighting,
        recipe=task.request.recipe,
        classes=len(task.request.labels),
    )
    return Checkpoint(tensors=dict(head.tensors()))


def _calibration(task: Task, head: Head) -> Checkpoint:
    return Checkpoint(facts=asdict(calibrate(head, task.validate)))


def _backbone_facts(task: Task) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((task.request.backbone / "backbone.json").read_bytes())
    dimension = task.learn.embeddings.shape[1]
    if facts["name"] != task.request.recipe.backbone or facts["dimension"] != dimension:
        raise ArtefactRefused(
            f"The backbone folder holds {facts['name']} with {facts['dimension']} dimensions; "
            f"asked for was {task.request.recipe.backbone} with {dimension}."
        )
    return facts


def _backbone_graph(task: Task, backbone: dict[str, Any]) -> bytes:
    graph = (task.request.backbone / "backbone.onnx").read_bytes()
    if sha256(graph).hexdigest() != backbone["onnx_sha256"]:
        raise ArtefactRefused("backbone.onnx does not match the checksum in backbone.json.")
    return graph


def _agreement(
    task: Task, backbone: dict[str, Any], model: bytes, head: Head, temperature: float
) -> float:
    network = load_network(
        backbone_named(backbone["name"]),
        task.request.backbone / "backbone.safetensors",
        backbone["digest"],
    )
    return check_agreement(model, network, head, temperature=temperature, images=task.sample)
