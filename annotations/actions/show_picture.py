from __future__ import annotations

from annotations.media import Variant, is_larger_than_display, read_variant
from annotations.models import StoredImage
from annotations.signals import picture_shown


def show_picture(*, image: StoredImage, variant: str) -> tuple[bytes, str]:
    """Bytes and content type of a derivative; says so where the original has more pixels.

    Of what a person has on the screen, or next in the page's memory, a worker then makes all
    pixels while they look. Nobody relies on it: whoever asks first makes them.
    Raises ImageMissing, StorageUnavailable.
    """
    shown = read_variant(image, variant)
    if variant == Variant.DISPLAY and is_larger_than_display(image):
        picture_shown.send(sender=StoredImage, image_id=image.pk)
    return shown
