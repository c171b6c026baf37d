"""Photos that nobody took: JPEGs with the grain and the edges of pictures of parts."""

from __future__ import annotations

from io import BytesIO
from random import Random

from PIL import Image, ImageFilter


def photo(seed: int, *, size: tuple[int, int] = (1600, 1200)) -> bytes:
    """A JPEG of quality 90; another seed is another photo."""
    grain = Image.frombytes("RGB", (160, 120), Random(seed).randbytes(160 * 120 * 3))
    blurred = grain.filter(ImageFilter.GaussianBlur(2))
    buffer = BytesIO()
    blurred.resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
