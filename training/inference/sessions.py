"""Opening ONNX files: only the bytes whose checksum is on record are ever given to the runtime."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from training.domain.onnx_contract import INPUT
from training.errors import ArtefactRefused

BATCH = 32


def open_session(model: Path | bytes, *, checksum: str, threads: int) -> Any:
    """A CPU session over a model file; raises `ArtefactRefused` when its SHA-256 is another."""
    content = model if isinstance(model, bytes) else model.read_bytes()
    found = sha256(content).hexdigest()
    if found != checksum:
        raise ArtefactRefused(f"The model file has SHA-256 {found}, not {checksum} as recorded.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def run_in_batches(
    session: Any, images: NDArray[np.uint8], *, batch: int = BATCH
) -> Iterator[NDArray[np.float32]]:
    """The first output for `images`, in chunks small enough for any memory."""
    for start in range(0, len(images), batch):
        (answer,) = session.run(None, {INPUT: images[start : start + batch]})
        yield answer
