"""From a client's bytes to plain pixels, under limits."""

from __future__ import annotations

import hashlib
import struct
import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, UnidentifiedImageError

from annotations.errors import BrokenImage, ImageTooLarge, UnsupportedImage

FORMATS: Final = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WEBP", "MPO": "JPEG"}
"""Pillow's names and ours. MPO is a phone's JPEG with previews behind it; the photo comes first."""

_SIGNATURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF")
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    struct.error,
    zlib.error,
)
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS: Final = (5, 6, 7, 8)

# Set once for the process: `catch_warnings` would race between the threads of a web worker.
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class ImageLimits:
    """What is taken; Pillow's own bomb check (89 megapixels) stands behind `max_pixels`."""

    max_bytes: int = 20 * 2**20
    max_pixels: int = 50_000_000


@dataclass(frozen=True)
class ImageFacts:
    """An image as people see it: width and height count after its EXIF rotation."""

    sha256: str
    width: int
    height: int
    format: str
    byte_size: int


LIMITS: Final = ImageLimits()


def look(data: bytes, limits: ImageLimits = LIMITS) -> ImageFacts:
    """What the image claims to be; for content that was decoded before. Raises as `decode`."""
    return _facts(data, _open(data, limits))


def decode(
    data: bytes, limits: ImageLimits = LIMITS, *, enough: int | None = None
) -> tuple[ImageFacts, Image.Image]:
    """The facts, and the upright 8-bit RGB pixels: no EXIF, no profile, no second frame.

    `enough` lets a large JPEG come out smaller (by 2, 4 or 8, never below that side), which is
    decoded several times faster. Raises UnsupportedImage (not PNG, JPEG or WebP, or animated),
    ImageTooLarge before anything is unpacked, BrokenImage when damaged or cut off.
    """
    try:
        _open(data, limits).verify()
        image = _open(data, limits)
        facts = _facts(data, image)
        if enough is not None:
            image.draft(None, (enough, enough))
        image.load()
        plain = _plain(image)
    except _DAMAGE as error:
        raise BrokenImage() from error
    turn = _TURNS.get(_orientation(image))
    return facts, plain if turn is None else plain.transpose(turn)


def _facts(data: bytes, image: Image.Image) -> ImageFacts:
    width, height = image.size
    if _orientation(image) in _SIDEWAYS:
        width, height = height, width
    digest = hashlib.sha256(data).hexdigest()
    return ImageFacts(digest, width, height, FORMATS[str(image.format)], len(data))


def _open(data: bytes, limits: ImageLimits) -> Image.Image:
    if len(data) > limits.max_bytes:
        raise ImageTooLarge(limit=f"{limits.max_bytes} bytes")
    try:
        image = Image.open(BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels(limits) from error
    except UnidentifiedImageError as error:
        known = data.startswith(_SIGNATURES)
        raise (BrokenImage() if known else _unsupported()) from error
    except _DAMAGE as error:
        raise BrokenImage() from error
    if image.width * image.height > limits.max_pixels:
        raise _too_many_pixels(limits)
    if frames > 1:
        raise UnsupportedImage("The image is animated: send one picture.", frames=frames)
    return image


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1 (upright) where there is none or EXIF cannot be read."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _DAMAGE:
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """Eight-bit RGB on white. Sixteen-bit greys keep the full range: 0 to 65535 becomes 0 to 255.

    The scale is fixed, not stretched to each picture: the same brightness must stay the same
    brightness from one cell to the next.
    """
    if image.mode.startswith("I"):
        deep = np.asarray(image).clip(0, 65535).astype(np.uint32)
        image = Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _too_many_pixels(limits: ImageLimits) -> ImageTooLarge:
    return ImageTooLarge(limit=f"{limits.max_pixels} pixels")


def _unsupported() -> UnsupportedImage:
    return UnsupportedImage(expected=["PNG", "JPEG", "WEBP"])
