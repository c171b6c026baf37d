"""Where files live: a private folder of this machine, or a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reviewhub.settings.env import Env

# Originals are never served; derivatives are what browsers get; models hold weights and manifests.
# What clients hand in is in `incoming` until it is believed; operators lay out `imports`.
ALIASES = ("originals", "derivatives", "models", "incoming", "imports")
# Images are named by their content, so that writing one again replaces it by itself.
BY_CONTENT = ("originals", "derivatives")
_LOCAL = {
    "originals": "reviewhub.file_storage.AtomicFileSystemStorage",
    "derivatives": "reviewhub.file_storage.AtomicFileSystemStorage",
    "incoming": "reviewhub.file_storage.OnceFileSystemStorage",
}
# A manifest may be larger than what a worker should hold.
_IN_MEMORY = 16 * 2**20
_STATIC = {"BACKEND": "reviewhub.static_storage.HashedFiles"}


def storages(env: Env, var: Path) -> dict[str, dict[str, Any]]:
    """Django's STORAGES; both kinds are declared, so that the reference knows every variable."""
    kind = env.choice(
        "STORAGE", "Files in VAR_DIR, or in a bucket.", "local", among=("local", "s3")
    )
    bucket = _bucket(env)
    if kind == "s3" and not bucket["bucket_name"]:
        env.problems.append("REVIEWHUB_S3_BUCKET: is required when REVIEWHUB_STORAGE is s3")
    one = {name: _s3(bucket, name) if kind == "s3" else _local(var, name) for name in ALIASES}
    return {**one, "default": one["originals"], "staticfiles": _STATIC}


def _local(var: Path, name: str) -> dict[str, Any]:
    options = {
        "location": var / "files" / name,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    backend = _LOCAL.get(name, "django.core.files.storage.FileSystemStorage")
    return {"BACKEND": backend, "OPTIONS": options}


def _s3(bucket: dict[str, Any], name: str) -> dict[str, Any]:
    prefix = f"{bucket['location']}/{name}".strip("/")
    options = {
        **bucket,
        "location": prefix,
        "file_overwrite": name in BY_CONTENT,
        "max_memory_size": _IN_MEMORY,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _bucket(env: Env) -> dict[str, Any]:
    return {
        "bucket_name": env.text("S3_BUCKET", "The bucket."),
        "location": env.text("S3_PREFIX", "Folder inside the bucket."),
        "endpoint_url": env.url(
            "S3_ENDPOINT", "Of a server other than AWS's.", "", schemes=("http", "https")
        )
        or None,
        "region_name": env.text("S3_REGION", "The bucket's region.") or None,
        "access_key": env.text("S3_ACCESS_KEY", "Without it: the machine's own role.") or None,
        "secret_key": env.text("S3_SECRET_KEY", "Belongs to the access key.", secret=True) or None,
        "addressing_style": env.choice(
            "S3_ADDRESSING", "How the bucket is named.", "auto", among=("auto", "path", "virtual")
        ),
        "signature_version": "s3v4",
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 600,
    }
