"""Files that were laid out for an import: each project reads below the folder of its own name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.core.files.storage import storages

from annotations.errors import ImageTooLarge, ImportPathInvalid
from annotations.media.failures import named_failures

LONGEST_PATH = 800


def path_of(*parts: str) -> str:
    """The parts as one path; ImportPathInvalid if it could lead anywhere but down."""
    path = "/".join(part.strip("/") for part in parts if part.strip("/"))
    names = path.split("/")
    if any(name in {"", ".", ".."} or not name.isprintable() or "\\" in name for name in names):
        raise ImportPathInvalid(path=path[:200])
    if any(part.startswith("/") for part in parts) or len(path) > LONGEST_PATH:
        raise ImportPathInvalid(path=path[:200])
    return path


def exists(path: str) -> bool:
    with named_failures("look for", path):
        return bool(storages["imports"].exists(path))


@contextmanager
def opened(path: str) -> Iterator[IO[Any]]:
    """The file, to be read in steps; ImageMissing, StorageUnavailable."""
    with named_failures("open", path):
        file = storages["imports"].open(path)
        file.seek(0)  # a bucket's file comes now, not at the first read
    with file:
        yield file


def read(path: str, *, most_bytes: int) -> bytes:
    """The whole file; ImageMissing, StorageUnavailable, ImageTooLarge before it is read."""
    with named_failures("read", path):
        if storages["imports"].size(path) > most_bytes:
            raise ImageTooLarge(limit=most_bytes)
        with opened(path) as file:
            content: bytes = file.read(most_bytes)
    return content
