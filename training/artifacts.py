"""The only door to model files and manifests in storage; nothing leaves it unchecked."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, cast
from uuid import UUID

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from training.errors import ArtefactMissing, ArtefactRefused
from training.models import ModelVersion

CHUNK = 1 << 16
IN_MEMORY = 64 << 20


@dataclass(frozen=True)
class Artefact:
    """A file in storage and the only bytes accepted for it."""

    key: str
    sha256: str
    size: int


def store_file(*, project_uid: UUID, run_uid: UUID, fence: int, path: Path) -> Artefact:
    """Keep a file a run made, under its fence: a worker that lost its lease overwrites nothing."""
    key = f"{project_uid}/{run_uid}/{fence}/{path.name}"
    with path.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
        content.seek(0)
        kept = _save(key, File(content, name=path.name))
    return Artefact(key=kept, sha256=digest, size=path.stat().st_size)


def store_manifest(*, project_uid: UUID, content: bytes) -> Artefact:
    """Keep a manifest under its own digest; the same one twice is one file."""
    digest = sha256(content).hexdigest()
    key = f"{project_uid}/manifests/{digest}.json"
    if not _models().exists(key):
        key = _save(key, ContentFile(content))
    return Artefact(key=key, sha256=digest, size=len(content))


def read_manifest(*, key: str, digest: str) -> bytes:
    """Raises ArtefactMissing, or ArtefactRefused when the bytes are not those of the digest."""
    with _open(key) as stored:
        content: bytes = stored.read()
    if sha256(content).hexdigest() != digest:
        raise ArtefactRefused(f"The manifest {digest[:12]} was changed in storage.")
    return content


def open_onnx(model: ModelVersion) -> IO[bytes]:
    """The delivered graph of a model, checked before the first byte is handed out.

    A spooled copy, closed by the caller: what was checked is what is sent, also when somebody
    swaps the file meanwhile. Raises ArtefactMissing or ArtefactRefused.
    """
    return _checked(model.onnx_key, model.onnx_sha256)


def read_onnx(model: ModelVersion) -> bytes:
    """The same graph in memory, for running it here."""
    with open_onnx(model) as content:
        return content.read()


def _checked(key: str, digest: str) -> IO[bytes]:
    copy = cast("IO[bytes]", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115
    try:
        found = _copy(key, copy)
        if found != digest:
            raise ArtefactRefused(f"{key} has SHA-256 {found}, its row says {digest}.")
        copy.seek(0)
    except BaseException:
        copy.close()
        raise
    return copy


def _copy(key: str, to: IO[bytes]) -> str:
    """Copy a file out of storage; returns the SHA-256 of what was copied."""
    running = sha256()
    with _open(key) as stored:
        while piece := stored.read(CHUNK):
            running.update(piece)
            to.write(piece)
    return running.hexdigest()


def _models() -> Storage:
    return storages["models"]


def _save(key: str, content: File[bytes]) -> str:
    return _models().save(key, content)


def _open(key: str) -> File[bytes]:
    try:
        return cast("File[bytes]", _models().open(key, "rb"))
    except FileNotFoundError as missing:
        raise ArtefactMissing(f"{key} is not in storage.") from missing
