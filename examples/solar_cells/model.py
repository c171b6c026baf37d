"""A champion as its client runs it: the file says what it needs. ONNX Runtime, NumPy, Pillow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

AT_ONCE = 16
RESIZE = "pillow-bilinear-antialias"


class ModelRefused(Exception):
    """The bytes are not the model that was announced, or need what this client cannot do."""


class Model:
    """Normalisation, temperature and softmax are inside the graph: the resize is the only duty."""

    def __init__(self, content: bytes, *, checksum: str, threads: int = 0) -> None:
        """`checksum` is the SHA-256 that was announced; 0 threads means all cores."""
        if sha256(content).hexdigest() != checksum:
            raise ModelRefused(f"these {len(content)} bytes do not have the SHA-256 {checksum}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session: Any = onnxruntime.InferenceSession(content, sess_options=options)
        facts = self._session.get_modelmeta().custom_metadata_map
        if facts["resize"] != RESIZE:
            raise ModelRefused(f"this client does not know the resize {facts['resize']}")
        self.name: str = facts["model_name"]
        self.version: str = facts["model_version"]
        self.taxonomy = int(facts["taxonomy_version"])
        self.labels: tuple[str, ...] = tuple(json.loads(facts["labels"]))
        self.size = int(facts["input_size"])
        self._input: str = self._session.get_inputs()[0].name

    def predict(self, photos: Iterable[Path]) -> Iterator[dict[str, float]]:
        """For each photo the probability of each label, in the order of the photos."""
        answers = (self._answer(some) for some in _groups(photos, AT_ONCE))
        for row in chain.from_iterable(answers):
            yield {label: float(share) for label, share in zip(self.labels, row, strict=True)}

    def _answer(self, photos: Sequence[Path]) -> NDArray[np.float32]:
        pixels = np.stack([self._pixels(photo) for photo in photos])
        (probabilities,) = self._session.run(None, {self._input: pixels})
        return np.asarray(probabilities, dtype=np.float32)

    def _pixels(self, photo: Path) -> NDArray[np.uint8]:
        with Image.open(photo) as image:
            small = image.convert("RGB").resize((self.size, self.size), Image.Resampling.BILINEAR)
        return np.asarray(small, dtype=np.uint8)


def _groups(photos: Iterable[Path], size: int) -> Iterator[list[Path]]:
    left = iter(photos)
    while group := list(islice(left, size)):
        yield group
