from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.inference.sessions import open_session, run_in_batches


class Embedder:
    """Turns images into embeddings with an exported backbone (see `export-backbone`).

    >>> embedder = Embedder(folder / "backbone.onnx", facts["onnx_sha256"])  # doctest: +SKIP
    >>> embedder.embed(to_pixels(pictures, size=embedder.size)).shape  # doctest: +SKIP
    (2, 1280)
    """

    def __init__(self, model: Path | bytes, sha256: str, *, threads: int = 1) -> None:
        self._session = open_session(model, checksum=sha256, threads=threads)
        self.size: int = self._session.get_inputs()[0].shape[1]
        self.dimension: int = self._session.get_outputs()[0].shape[1]

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float16]:
        """Embeddings [N, dimension] of uint8 images [N, size, size, 3], in half precision."""
        embeddings = np.empty((len(images), self.dimension), dtype=np.float16)
        row = 0
        for answer in run_in_batches(self._session, images):
            embeddings[row : row + len(answer)] = answer
            row += len(answer)
        return embeddings
