from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Self

from django.conf import settings

from training.actions.held_run import HeldRun
from training.actions.run_learning import run_learning
from training.actions.work_folder import work_folder


@dataclass(frozen=True)
class ReadyBackbone:
    """An exported backbone on this machine. `digest` names its weights, and so its embeddings."""

    name: str
    folder: Path
    digest: str
    onnx_sha256: str
    size: int

    @property
    def onnx(self) -> Path:
        return self.folder / "backbone.onnx"

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """What `export-backbone` left there, or None if it is absent, unfinished or changed."""
        try:
            facts = json.loads((folder / "backbone.json").read_text())
            with (folder / "backbone.onnx").open("rb") as graph:
                intact = file_digest(graph, "sha256").hexdigest() == facts["onnx_sha256"]
        except (OSError, ValueError, KeyError):
            return None
        if not intact:
            return None
        return cls(facts["name"], folder, facts["digest"], facts["onnx_sha256"], facts["size"])


def ready_backbone(*, name: str, held: HeldRun) -> ReadyBackbone:
    """The backbone of this machine, exported by a learning process if it is not there intact.

    Made aside and renamed: workers that export at once each find a whole folder, and one of
    theirs stays. Raises what `run_learning` raises.
    """
    folder = Path(settings.REVIEWHUB_VAR_DIR) / "backbones" / name
    found = ReadyBackbone.read(folder)
    if found is not None:
        return found
    aside = folder.with_name(f".{name}.{held.run.pk}-{held.run.fence}-{os.getpid()}")
    held.advance(0.0, f"Exporting the backbone {name}, once on this machine.")
    run_learning(
        command=["export-backbone", "--name", name, "--out", str(aside)],
        work=work_folder(held.run),
        held=held,
        on_line=lambda _: held.check(),
    )
    return _move_in(aside, folder)


def _move_in(aside: Path, folder: Path) -> ReadyBackbone:
    if ReadyBackbone.read(folder) is None:
        shutil.rmtree(folder, ignore_errors=True)
        try:
            aside.rename(folder)
        except OSError:
            if ReadyBackbone.read(folder) is None:
                raise
    shutil.rmtree(aside, ignore_errors=True)
    ready = ReadyBackbone.read(folder)
    if ready is None:
        raise FileNotFoundError(folder)
    return ready
