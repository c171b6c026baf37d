"""Collect static files only when one of them, or what collects them, has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

COLLECTORS = ("Django", "whitenoise")


def collect_if_changed(var: Path, *, source: Path, manage: Callable[..., str]) -> str:
    """Run collectstatic when the digest of `source`/static differs from the last one; say which."""
    stamp, digest = var / "static.digest", _digest(source)
    if stamp.is_file() and stamp.read_text() == digest:
        return "unchanged"
    manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
    stamp.write_text(digest)
    return "collected"


def _digest(source: Path) -> str:
    sha = hashlib.sha256("".join(version(name) for name in COLLECTORS).encode())
    for path in sorted((source / "static").rglob("*")):
        if path.is_file():
            sha.update(f"{path.relative_to(source)}\0{path.stat().st_size}\0".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()
