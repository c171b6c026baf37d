from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.domain import onnx_contract
from training.inference.sessions import open_session, run_in_batches


class OnnxPredictor:
    """Answers with an exported model: the graph holds everything but the resize of `images.py`."""

    def __init__(self, model: Path | bytes, sha256: str, *, threads: int = 1) -> None:
        self._session = open_session(model, checksum=sha256, threads=threads)
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        self.labels: tuple[str, ...] = tuple(json.loads(self.metadata[onnx_contract.LABELS]))
        self.size: int = int(self.metadata[onnx_contract.INPUT_SIZE])

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Calibrated probabilities [N, K], in the order of `labels`, of [N, size, size, 3]."""
        answers = list(run_in_batches(self._session, images))
        empty = np.empty((0, len(self.labels)), dtype=np.float32)
        return np.concatenate([empty, *answers])
