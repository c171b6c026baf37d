from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from uuid import uuid4

from django.conf import settings

from training.actions.held_run import HeldRun, RunTimes
from training.actions.run_learning import Keeper, run_learning
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
    found = ReadyBackbone.read(_folder(name))
    if found is not None:
        return found
    held.advance(0.0, f"Exporting the backbone {name}, once on this machine.")
    return _export(name, work_folder(held.run), held)


def ready_backbone_now(*, name: str, seconds: float) -> ReadyBackbone:
    """The same for work that is no run: a worker that embeds may be on a machine of its own.

    The export takes half a minute, once, and no more than `seconds`.
    """
    found = ReadyBackbone.read(_folder(name))
    if found is not None:
        return found
    with TemporaryDirectory(prefix="reviewhub-backbone-") as work:
        return _export(name, Path(work), _Alone(RunTimes(child=seconds)))


@dataclass(frozen=True)
class _Alone:
    """A learning process that nobody waits to cancel; only its time is limited."""

    times: RunTimes

    def check(self) -> None:
        return

    def interrupting(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        return nullcontext()


def _folder(name: str) -> Path:
    return Path(settings.REVIEWHUB_VAR_DIR) / "backbones" / name


def _export(name: str, work: Path, held: Keeper) -> ReadyBackbone:
    folder = _folder(name)
    aside = folder.with_name(f".{name}.{uuid4()}")
    run_learning(
        command=["export-backbone", "--name", name, "--out", str(aside)],
        work=work,
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
