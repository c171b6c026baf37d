from __future__ import annotations

from contextlib import suppress

from annotations.errors import ImageMissing
from annotations.media import ensure_full
from annotations.models import StoredImage


def make_full_picture(*, image_id: int) -> bool:
    """Make all pixels of a large original ready to be looked at; whether there was anything to do.

    Made twice it is the same file. What was erased meanwhile is no error. Raises
    StorageUnavailable.
    """
    image = StoredImage.objects.filter(pk=image_id).first()
    if image is None:
        return False
    with suppress(ImageMissing):
        return ensure_full(image)
    return False
