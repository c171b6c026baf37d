"""Files that clients hand in themselves, unbelieved: straight into the bucket, or to our own door.

On a bucket a form is signed by the bucket's key, and the bucket itself enforces its limits. On
local storage it is signed by us and posted to `annotations.api.uploads`, in the same shape.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from django.core import signing
from django.core.files import File
from django.core.files.storage import Storage, storages
from storages.backends.s3 import S3Storage

from annotations.errors import ImageTooLarge, UploadRefused, UploadUsed
from annotations.media.failures import named_failures

SALT = "annotations.direct-upload"


@dataclass(frozen=True)
class UploadForm:
    """Where to post, and the fields to post there before the `file`."""

    url: str
    fields: Mapping[str, str]


def form_for(key: str, *, our_door: str, max_bytes: int, seconds: int) -> UploadForm:
    """A form for one file of at most `max_bytes` under `key`. Raises StorageUnavailable."""
    storage = _storage()
    if not isinstance(storage, S3Storage):
        return UploadForm(our_door, {"key": key, "policy": signing.dumps(key, salt=SALT)})
    with named_failures("sign", key):
        signed = storage.connection.meta.client.generate_presigned_post(
            Bucket=storage.bucket_name,
            Key=f"{storage.location}/{key}".lstrip("/"),
            Conditions=[["content-length-range", 1, max_bytes]],
            ExpiresIn=seconds,
        )
    return UploadForm(signed["url"], signed["fields"])


def check_policy(key: str, policy: str) -> None:
    """That we have signed this policy for this key; raises UploadRefused."""
    try:
        signed: object = signing.loads(policy, salt=SALT)
    except signing.BadSignature as error:
        raise UploadRefused from error
    if not isinstance(signed, str) or not hmac.compare_digest(signed, key):
        raise UploadRefused


def receive(key: str, file: IO[bytes]) -> None:
    """Keep what was posted to our own door, once. Raises UploadUsed, StorageUnavailable."""
    with named_failures("receive", key):
        try:
            _storage().save(key, File(file))
        except FileExistsError as error:
            raise UploadUsed from error


def read(key: str, *, most_bytes: int) -> bytes:
    """The whole file; ImageMissing, StorageUnavailable, ImageTooLarge before it is read."""
    storage = _storage()
    with named_failures("read", key):
        if storage.size(key) > most_bytes:
            raise ImageTooLarge(limit=most_bytes)
        with storage.open(key) as file:
            content: bytes = file.read(most_bytes)
    return content


def forget(key: str) -> None:
    """Delete it; what is gone already is no error. Raises StorageUnavailable."""
    with named_failures("delete", key):
        _storage().delete(key)


def _storage() -> Storage:
    return storages["incoming"]
