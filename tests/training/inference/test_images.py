from __future__ import annotations

import numpy as np
from PIL import Image

from training.inference.images import to_pixels


def test_pictures_of_any_size_and_mode_become_equal_rgb_pixels():
    pictures = [Image.new("L", (300, 300), 7), Image.new("RGBA", (10, 40), (1, 2, 3, 4))]
    pixels = to_pixels(pictures, size=224)
    assert (pixels.shape, pixels.dtype) == ((2, 224, 224, 3), np.uint8)
    assert (pixels[0] == 7).all()
    assert (pixels[1] == (1, 2, 3)).all()


def test_shrinking_averages_instead_of_skipping_pixels():
    stripes = Image.fromarray(np.tile(np.array([0, 255], dtype=np.uint8), (64, 32)))
    assert abs(to_pixels([stripes], size=8).astype(int) - 127).max() < 8


def test_a_client_gets_the_same_pixels_with_pillow_alone():
    noise = np.random.default_rng(0).integers(0, 256, (300, 280, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    own = np.asarray(picture.convert("RGB").resize((224, 224), Image.Resampling.BILINEAR))
    assert (to_pixels([picture], size=224)[0] == own).all()


def test_no_pictures_are_no_pixels():
    assert to_pixels([], size=224).shape == (0, 224, 224, 3)
