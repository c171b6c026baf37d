"""Files that are there whole or not at all, also after a kill or a power cut; never a pickle."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import numpy as safetensors
from safetensors import safe_open


@dataclass(frozen=True)
class Checkpoint:
    """What a stage found: arrays, and facts that JSON can hold."""

    facts: dict[str, Any] = field(default_factory=dict)
    tensors: dict[str, NDArray[Any]] = field(default_factory=dict)


class Stages:
    """Runs each named stage once per folder: a stage that had finished is read back.

    Stages of another `fingerprint` (of the inputs) are run anew.
    """

    def __init__(self, folder: Path, *, fingerprint: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._fingerprint = fingerprint

    def once(self, name: str, make: Callable[[], Checkpoint]) -> Checkpoint:
        path = self._folder / f"{name}.safetensors"
        found = self._read(path)
        if found is None:
            write_atomically(path, self._packed(make()))
            # Read back even what was just made, so that a resumed run sees the very same numbers.
            found = self._read(path)
        if found is None:
            raise OSError(f"The checkpoint {path.name} cannot be read back.")
        return found

    def _packed(self, made: Checkpoint) -> bytes:
        facts = json.dumps({"fingerprint": self._fingerprint, "facts": made.facts}, sort_keys=True)
        # safetensors refuses a file without tensors.
        tensors = made.tensors or {"none": np.zeros(0, dtype=np.uint8)}
        return bytes(safetensors.save(tensors, metadata={"json": facts}))

    def _read(self, path: Path) -> Checkpoint | None:
        if not path.exists():
            return None
        with safe_open(path, framework="numpy") as file:
            stored = json.loads(file.metadata()["json"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if stored["fingerprint"] != self._fingerprint:
            return None
        return Checkpoint(facts=stored["facts"], tensors=tensors)


def write_atomically(path: Path, content: bytes) -> None:
    """Write aside, flush to disk, rename: a reader sees the old file or the whole new one."""
    aside = path.with_name(f".{path.name}.partial")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _flush_folder(path.parent)


def publish_folder(path: Path, files: dict[str, bytes]) -> None:
    """A folder with all `files` in it, appearing at once under its name."""
    aside = path.with_name(f".{path.name}.partial")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, content in files.items():
        write_atomically(aside / name, content)
    shutil.rmtree(path, ignore_errors=True)
    aside.rename(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
