"""A real backbone, exported once for all tests, and small trainings on top of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

ROOT = Path(__file__).resolve().parents[3]
DIMENSION = 1280


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "training.ml", *map(str, arguments)]


@pytest.fixture(scope="session")
def backbone(tmp_path_factory) -> Path:
    """What `export-backbone` wrote; parallel test processes share it, as its files are atomic."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if root.name.startswith("popen-") else root
    folder = shared / "backbone"
    if not (folder / "backbone.json").exists():
        export = command("export-backbone", "--name", "efficientnet_lite0", "--out", folder)
        subprocess.run(export, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="session")
def request_document(backbone) -> dict:
    return {
        "name": "cells",
        "version": "7",
        "labels": ["good", "crack", "scratch"],
        "taxonomy": 2,
        "backbone": str(backbone),
        "recipe": {
            "backbone": "efficientnet_lite0",
            "weightings": ["plain", "replay", "balanced"],
        },
        "seed": 3,
    }


@pytest.fixture(scope="session")
def examples() -> dict[str, np.ndarray]:
    """Three classes that embeddings tell apart, older and recent, some for calibration."""
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 240)
    recent = np.arange(240) >= 180
    centres = random.normal(0, 0.12, (3, DIMENSION))
    shift = np.where(recent[:, None], random.normal(0, 0.2, DIMENSION), 0)
    embeddings = centres[labels] + shift + random.normal(0, 1, (240, DIMENSION))
    return {
        "embeddings": embeddings.astype(np.float16),
        "labels": labels.astype(np.int64),
        "split": (np.arange(240) % 6 == 0).astype(np.int64),
        "group": recent.astype(np.int64),
    }


@pytest.fixture
def work(tmp_path, request_document, examples) -> Path:
    """A working folder as the worker prepares it."""
    folder = tmp_path / "work"
    write_work(folder, request_document, examples)
    return folder


def write_work(folder: Path, document: dict, examples: dict[str, np.ndarray]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "request.json").write_text(json.dumps(document))
    save_file(examples, folder / "data.safetensors")
    images = np.random.default_rng(1).integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    save_file({"images": images}, folder / "sample.safetensors")
