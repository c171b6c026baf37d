"""What a training is asked to do: the files of its working folder, read and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from reviewhub.common.errors import InvalidInput
from training.domain.recipes import Recipe
from training.errors import TooFewAnnotations

LEARN, VALIDATE = 0, 1


@dataclass(frozen=True)
class Request:
    """The document `request.json`."""

    name: str
    """Name of the model, such as the project's slug."""
    version: str
    labels: tuple[str, ...]
    """Label keys in the order of the taxonomy; the numbers in `data.safetensors` index them."""
    taxonomy: int
    """Number of the taxonomy version."""
    backbone: Path
    """Folder written by `export-backbone`."""
    recipe: Recipe
    seed: int = 0
    dataset: str = ""
    """Digest of the dataset snapshot, for the card."""

    def __post_init__(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise InvalidInput("A request names at least two different labels.")
        if not self.name or not self.version:
            raise InvalidInput("A request names the model and its version.")

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        try:
            return cls(
                name=str(document["name"]),
                version=str(document["version"]),
                labels=tuple(map(str, document["labels"])),
                taxonomy=int(document["taxonomy"]),
                backbone=Path(document["backbone"]),
                recipe=Recipe.from_json(document["recipe"]),
                seed=int(document.get("seed", 0)),
                dataset=str(document.get("dataset", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"request.json cannot be used: {error!r}.") from error


@dataclass(frozen=True)
class Examples:
    """Labelled embeddings; `recent` marks those approved since the champion's snapshot."""

    embeddings: NDArray[np.float16]
    labels: NDArray[np.int64]
    recent: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, chosen: NDArray[np.bool_]) -> Examples:
        return Examples(self.embeddings[chosen], self.labels[chosen], self.recent[chosen])


@dataclass(frozen=True)
class Task:
    """Everything a training works on; `fingerprint` digests all of it."""

    request: Request
    learn: Examples
    validate: Examples
    sample: NDArray[np.uint8]
    fingerprint: str


def read_task(work: Path) -> Task:
    """Read `request.json`, `data.safetensors` and `sample.safetensors`; raises `InvalidInput`."""
    contents = [_read(work / name) for name in _FILES]
    try:
        document = json.loads(contents[0])
        data, sample = safetensors.load(contents[1]), safetensors.load(contents[2])
    except (ValueError, SafetensorError) as error:
        raise InvalidInput(f"The files of the training cannot be read: {error}.") from error
    request = Request.from_json(document)
    digest = sha256(b"".join(sha256(content).digest() for content in contents))
    digest.update(_read(request.backbone / "backbone.json"))
    everything, split = _examples(data, classes=len(request.labels))
    learn = everything.where(split == LEARN)
    if len(np.unique(learn.labels)) < 2:
        raise TooFewAnnotations("The learn split holds examples of fewer than two labels.")
    return Task(
        request=request,
        learn=learn,
        validate=everything.where(split == VALIDATE),
        sample=_sample(sample),
        fingerprint=digest.hexdigest(),
    )


_FILES = ("request.json", "data.safetensors", "sample.safetensors")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.") from error


def _examples(
    data: Mapping[str, NDArray[Any]], *, classes: int
) -> tuple[Examples, NDArray[np.int64]]:
    missing = {"embeddings", "labels", "split", "group"} - data.keys()
    if missing:
        raise InvalidInput(f"data.safetensors lacks {', '.join(sorted(missing))}.")
    embeddings, labels = data["embeddings"], data["labels"].astype(np.int64)
    split, group = data["split"].astype(np.int64), data["group"].astype(np.int64)
    sound = (
        embeddings.ndim == 2
        and len(embeddings) == len(labels) == len(split) == len(group) > 0
        and bool(np.isfinite(embeddings).all())
        and bool(np.isin(labels, np.arange(classes)).all())
        and bool(np.isin([*split, *group], [0, 1]).all())
    )
    if not sound:
        raise InvalidInput("data.safetensors holds rows of other shape, range or number.")
    return Examples(embeddings.astype(np.float16), labels, group == 1), split


def _sample(sample: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    images = sample.get("images", np.zeros(0))
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) == 0:
        raise InvalidInput("sample.safetensors must hold uint8 `images` [N, size, size, 3].")
    return np.asarray(images, dtype=np.uint8)
