"""The only door to images in storage: private originals, and the derivatives that people see."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from PIL import Image

from annotations.domain.pixels import LIMITS, ImageFacts, ImageLimits, decode, look
from annotations.errors import ImageMissing
from annotations.media.failures import named_failures

if TYPE_CHECKING:
    from annotations.models import StoredImage

DISPLAY_SIDE = 2048
THUMBNAIL_SIDE = 256
CONTENT_TYPE = "image/webp"

# Method 1 of 6 costs a third of the default's time for a file of the same size at this quality.
_DISPLAY = {"quality": 90, "method": 1}
_THUMBNAIL = {"quality": 80, "method": 1}
# WebP refuses some large noisy pictures, and takes seconds where JPEG takes half of one.
_FULL = {"quality": 90, "subsampling": 0}
_ONE_AT_A_TIME = threading.Lock()


class Variant(StrEnum):
    """What may be served; the original never is."""

    DISPLAY = "display"
    THUMBNAIL = "thumbnail"
    FULL = "full"
    """All pixels of an original that is larger than its display; made by a worker once that display
    was sent, else when first asked for."""


@dataclass(frozen=True)
class Keys:
    """Where an image lies: named by its content, never by its client."""

    original_key: str
    display_key: str
    thumbnail_key: str


@dataclass(frozen=True)
class StoredFacts(Keys, ImageFacts):
    """What a StoredImage row holds; the names are its fields."""


def inspect(data: bytes, limits: ImageLimits = LIMITS) -> ImageFacts:
    """Decode the image completely and say what it is.

    Raises UnsupportedImage, ImageTooLarge or BrokenImage. Type and size come from the content;
    nothing a client says about its file counts.
    """
    facts, _ = decode(data, limits, enough=THUMBNAIL_SIDE)
    return facts


def store_image(data: bytes, *, project_uid: UUID, limits: ImageLimits = LIMITS) -> StoredFacts:
    """Put an image into storage under its content's name; the same content again writes nothing.

    The original is written last, after its derivatives, and no earlier try is trusted that died
    half-way: a file whose length is wrong is written again. Raises what `inspect` raises, and
    StorageUnavailable.
    """
    keys = _keys(hashlib.sha256(data).hexdigest(), project_uid)
    missing = _missing(keys, len(data))
    if not missing:
        return StoredFacts(**asdict(look(data, limits)), **asdict(keys))
    facts, image = decode(data, limits, enough=DISPLAY_SIDE)
    made = derivatives_of(image)
    contents = {
        keys.display_key: made[Variant.DISPLAY],
        keys.thumbnail_key: made[Variant.THUMBNAIL],
        keys.original_key: data,
    }
    with named_failures("store", keys.original_key):
        for key in missing:
            # Replaces what is there: a rival's file with the same content, or half a one.
            _storage_of(key).save(key, ContentFile(contents[key]))
    return StoredFacts(**asdict(facts), **asdict(keys))


def derivatives_of(image: Image.Image) -> Mapping[Variant, bytes]:
    """What browsers get of these pixels; the thumbnail is made of the display's."""
    display = _fitted(image, DISPLAY_SIDE)
    thumbnail = _fitted(display, THUMBNAIL_SIDE)
    return {
        Variant.DISPLAY: _webp(display, **_DISPLAY),
        Variant.THUMBNAIL: _webp(thumbnail, **_THUMBNAIL),
    }


def open_original(image: StoredImage) -> Image.Image:
    """The full pixels for learning: upright, 8-bit RGB. Raises ImageMissing, StorageUnavailable."""
    data = _read(_originals(), image.original_key)
    # Taken under the limits of its day; tighter ones of today must not make it unreadable.
    _, pixels = decode(data, ImageLimits(max_bytes=len(data), max_pixels=2**31))
    return pixels


def read_variant(image: StoredImage, variant: str) -> tuple[bytes, str]:
    """Bytes and content type of a derivative. Raises ImageMissing, StorageUnavailable.

    The full one is missing where the display has all pixels already.
    """
    if variant == Variant.FULL:
        return _full(image), "image/jpeg"
    keys = {Variant.DISPLAY: image.display_key, Variant.THUMBNAIL: image.thumbnail_key}
    if variant not in keys:
        raise ImageMissing(variant=variant)
    return _read(_derivatives(), keys[Variant(variant)]), CONTENT_TYPE


def delete(image: StoredImage) -> None:
    """Remove original and derivatives for good; what is gone already is no error."""
    with named_failures("delete", image.original_key):
        _originals().delete(image.original_key)
        _derivatives().delete(image.display_key)
        _derivatives().delete(image.thumbnail_key)
        _derivatives().delete(_full_key(image))


def is_larger_than_display(image: StoredImage) -> bool:
    return max(image.width, image.height) > DISPLAY_SIDE


def ensure_full(image: StoredImage) -> bool:
    """Make the full derivative unless it is there, or the display has all pixels already.

    Whether it was made. Raises ImageMissing, StorageUnavailable.
    """
    if not is_larger_than_display(image):
        return False
    with named_failures("look for", _full_key(image)):
        if _derivatives().exists(_full_key(image)):
            return False
    _make_full(image)
    return True


def _full(image: StoredImage) -> bytes:
    if not is_larger_than_display(image):
        raise ImageMissing(variant=Variant.FULL)
    try:
        return _read(_derivatives(), _full_key(image))
    except ImageMissing:
        return _make_full(image)


def _make_full(image: StoredImage) -> bytes:
    # One at a time: fifty megapixels are 150 MB, and several people may ask at once.
    with _ONE_AT_A_TIME:
        pixels = open_original(image)
        buffer = BytesIO()
        pixels.save(buffer, "JPEG", **_FULL)
    with named_failures("store", _full_key(image)):
        _derivatives().save(_full_key(image), ContentFile(buffer.getvalue()))
    return buffer.getvalue()


def _full_key(image: StoredImage) -> str:
    return f"{image.original_key}/{Variant.FULL}.jpg"


def _keys(sha256: str, project_uid: UUID) -> Keys:
    original = f"{project_uid}/{sha256}"
    return Keys(
        original_key=original,
        display_key=f"{original}/{Variant.DISPLAY}.webp",
        thumbnail_key=f"{original}/{Variant.THUMBNAIL}.webp",
    )


def _missing(keys: Keys, byte_size: int) -> list[str]:
    """The keys whose file is absent or cut off, the original's last."""
    with named_failures("look for", keys.original_key):
        derived = (keys.display_key, keys.thumbnail_key)
        missing = [key for key in derived if not _is_whole_webp(key)]
        if _size(_originals(), keys.original_key) != byte_size:
            missing.append(keys.original_key)
    return missing


def _fitted(image: Image.Image, side: int) -> Image.Image:
    if max(image.size) <= side:
        return image
    smaller = image.copy()
    smaller.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return smaller


def _webp(image: Image.Image, **options: int) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", **options)
    return buffer.getvalue()


def _originals() -> Storage:
    return storages["originals"]


def _derivatives() -> Storage:
    return storages["derivatives"]


def _storage_of(key: str) -> Storage:
    return _derivatives() if key.endswith(".webp") else _originals()


def _is_whole_webp(key: str) -> bool:
    """Whether the file is as long as its own RIFF header says."""
    try:
        with _derivatives().open(key) as file:
            return int.from_bytes(file.read(8)[4:], "little") + 8 == file.size
    except FileNotFoundError:
        return False


def _size(storage: Storage, key: str) -> int | None:
    try:
        return storage.size(key)
    except FileNotFoundError:
        return None


def _read(storage: Storage, key: str) -> bytes:
    with named_failures("read", key), storage.open(key) as file:
        content: bytes = file.read()
        return content
