"""One request's JSON and the image parts that came with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request

from annotations.api.bodies import MOST_BODY_BYTES, ImageBody, invalid
from annotations.api.parsers import JSON, NDJSON
from annotations.errors import ImageTooLarge
from reviewhub.common.errors import ReviewHubError, TooLarge, Unavailable
from reviewhub.common.json_depth import JsonTooDeep, depth_exceeds
from reviewhub.common.outgoing.errors import FetchFailed


@dataclass(frozen=True)
class Sent:
    """`lines`: the JSON is one document a line.

    `kept` says what became of each part that `keep_images` has put into storage, `fetched` the
    same of each address that images were fetched from.
    """

    json: bytes
    parts: Mapping[str, UploadedFile[bytes]]
    lines: bool = False
    kept: Mapping[str, UUID | ReviewHubError] = field(default_factory=dict)
    fetched: Mapping[str, UUID | ReviewHubError] = field(default_factory=dict)

    @classmethod
    def read(cls, request: Request, field: str) -> Sent:
        """JSON is the body itself, or the field or file `field` of a multipart form."""
        data: Any = request.data
        for name in (JSON, NDJSON):
            if isinstance(body := data.get(name), bytes):
                return cls(body, {}, lines=name == NDJSON)
        parts = {name: part for name, part in request.FILES.items() if name != field}
        document = request.FILES.get(field)
        if document is None:
            return cls(_shallow(request.POST.get(field, "").encode()), parts)
        if (document.size or 0) > MOST_BODY_BYTES:
            raise TooLarge(limit=MOST_BODY_BYTES)
        return cls(_shallow(document.read()), parts)

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON and every part: the same body sent again has the same digest."""
        whole = hashlib.sha256(hashlib.sha256(self.json).digest())
        for name in sorted(self.parts):
            part = hashlib.sha256()
            for chunk in self.parts[name].chunks():
                part.update(chunk)
            whole.update(hashlib.sha256(name.encode()).digest() + part.digest())
        return whole.hexdigest()

    @property
    def lacks_images_for_now(self) -> bool:
        """Whether an image could not be kept or fetched, which may work when it is tried again."""
        got = (*self.kept.values(), *self.fetched.values())
        return any(isinstance(each, (Unavailable, FetchFailed)) for each in got)

    def keep_images(self, keep: Callable[[bytes], UUID]) -> Sent:
        """Decode and store every part now, outside any transaction: that is what takes time.

        They are named by content, so that a call which fails later leaves nothing half-done. What
        is wrong with a part is told to the items that name it.
        """
        kept: dict[str, UUID | ReviewHubError] = {}
        for name, part in self.parts.items():
            try:
                kept[name] = keep(image_bytes(part))
            except ReviewHubError as error:
                kept[name] = error
        return replace(self, kept=kept)

    def image(self, wanted: ImageBody | None) -> UUID | None:
        """What an item's `image` means: the uid of what was uploaded, came along or was fetched."""
        if wanted is None:
            return None
        if wanted.object is not None:
            raise invalid("image.object", "objects are named in manifests of imports only")
        ways = [way for way in ("upload", "part", "url") if getattr(wanted, way) is not None]
        if len(ways) != 1:
            raise invalid("image", "give one of `upload`, `part` and `url`")
        if wanted.upload is not None:
            return wanted.upload
        found = self.kept.get(wanted.part or "") if wanted.part else self.fetched[wanted.url or ""]
        if found is None:
            raise invalid("image.part", f"the request has no part `{wanted.part}`")
        if isinstance(found, ReviewHubError):
            raise found
        return found


def _shallow(document: bytes) -> bytes:
    """JSON inside a form, which the middleware cannot see, under the limit of any other JSON."""
    limit = settings.REVIEWHUB_MAX_JSON_DEPTH
    if depth_exceeds(document, limit):
        raise JsonTooDeep(limit=limit)
    return document


def image_bytes(part: UploadedFile[bytes]) -> bytes:
    """The bytes of a file part; ImageTooLarge before they are read."""
    if (part.size or 0) > settings.REVIEWHUB_MAX_IMAGE_BYTES:
        raise ImageTooLarge(limit=settings.REVIEWHUB_MAX_IMAGE_BYTES)
    part.seek(0)
    return bytes(part.read())
