from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from annotations.queries.learning import TaxonomyFacts, open_item_image
from reviewhub.common.errors import JsonDict
from training.actions.held_run import HeldRun
from training.actions.ready_backbone import ReadyBackbone
from training.actions.run_learning import run_learning
from training.actions.work_folder import work_folder
from training.domain.recipes import Recipe, choose_recipe
from training.domain.snapshots import Vectors
from training.inference.images import to_pixels
from training.models import DatasetSnapshot
from training.queries.snapshot_rows import SnapshotRow, snapshot_rows

SPLITS = {"learn": 0, "validate": 1}
SAMPLE = 8
"""Images on which the exported file must agree with torch."""


@dataclass(frozen=True)
class Trained:
    """What the learning process left: files of this machine, and the card they come with."""

    number: int
    onnx: Path
    weights: Path
    card: JsonDict

    @property
    def figures(self) -> JsonDict:
        """What the page of the run shows of it."""
        calibration = self.card["calibration"]
        return {
            "weighting": self.card["weighting"]["weighting"],
            "temperature": calibration["temperature"],
            "validation_accuracy": calibration["accuracy"],
            "largest_difference": self.card["agreement"]["largest_difference"],
        }


def train_candidate(
    *,
    held: HeldRun,
    snapshot: DatasetSnapshot,
    embeddings: Vectors,
    backbone: ReadyBackbone,
    taxonomy: TaxonomyFacts,
    number: int,
) -> Trained:
    """Train and calibrate on the snapshot in a process of its own, and export what clients run.

    The folder of the run keeps the process's checkpoints: a later attempt on this machine goes
    on from there and ends with the same bytes. `number` is the model's to be. Raises
    TooFewAnnotations and what `run_learning` raises.
    """
    work = work_folder(held.run)
    work.mkdir(parents=True, exist_ok=True)
    examples = [one for one in snapshot_rows(snapshot) if one.item_id in embeddings]
    recipe = recipe_for(examples, backbone=backbone.name)
    _write_data(work, examples, embeddings, [label.key for label in taxonomy.labels])
    _write_sample(work, examples, size=backbone.size)
    request = {
        "name": held.run.project.slug,
        "version": str(number),
        "labels": [label.key for label in taxonomy.labels],
        "taxonomy": taxonomy.number,
        "backbone": str(backbone.folder),
        "recipe": recipe.as_json(),
        "seed": held.run.policy.seed,
        "dataset": snapshot.digest,
    }
    (work / "request.json").write_text(json.dumps(request))
    run_learning(
        command=["fit", "--work", str(work)],
        work=work,
        held=held,
        on_line=lambda line: held.advance(line.get("progress", 0.0), line.get("message", "")),
    )
    return _read_out(work / "out", number)


def recipe_for(examples: Sequence[SnapshotRow], *, backbone: str) -> Recipe:
    """By how many labels there are to learn from; raises TooFewAnnotations."""
    learn = [one for one in examples if one.fold == "learn"]
    return choose_recipe(
        backbone=backbone,
        older=Counter(one.label_key for one in learn if not one.recent),
        recent=Counter(one.label_key for one in learn if one.recent),
    )


def _write_data(
    work: Path, examples: Sequence[SnapshotRow], embeddings: Vectors, labels: Sequence[str]
) -> None:
    def column(values: Sequence[int | bool]) -> NDArray[np.int64]:
        return np.asarray(values, dtype=np.int64)

    tensors: dict[str, NDArray[Any]] = {
        "embeddings": np.stack([embeddings[one.item_id] for one in examples]),
        "labels": column([labels.index(one.label_key) for one in examples]),
        "split": column([SPLITS[one.fold] for one in examples]),
        "group": column([one.recent for one in examples]),
    }
    save_file(tensors, work / "data.safetensors")


def _read_out(out: Path, number: int) -> Trained:
    return Trained(
        number=number,
        onnx=out / "model.onnx",
        weights=out / "head.safetensors",
        card=json.loads((out / "card.json").read_text()),
    )


def _write_sample(work: Path, examples: Sequence[SnapshotRow], *, size: int) -> None:
    pictures = [open_item_image(one.item_id) for one in examples[:SAMPLE]]
    save_file({"images": to_pixels(pictures, size=size)}, work / "sample.safetensors")
