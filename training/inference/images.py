"""The one named resize between a picture and a network, `RESIZE` of the ONNX contract."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_pixels(images: Iterable[Image.Image], *, size: int) -> NDArray[np.uint8]:
    """Images as uint8 [N, size, size, 3]; pure Pillow, so that every client can do the same.

    Sixteen-bit and EXIF-rotated pictures must have been brought to plain eight-bit ones before.
    """
    pixels = [np.asarray(_resized(image, size), dtype=np.uint8) for image in images]
    return np.stack(pixels) if pixels else np.empty((0, size, size, 3), dtype=np.uint8)


def _resized(image: Image.Image, size: int) -> Image.Image:
    return image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
