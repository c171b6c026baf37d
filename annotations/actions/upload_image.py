from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from annotations.domain.pixels import ImageLimits
from annotations.media import store_image
from annotations.models import Project, StoredImage
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def upload_image(*, project: Project, data: bytes, actor: Actor, now: datetime) -> StoredImage:
    """Keep an image of the project; the same bytes again give the same row.

    Files are written before the row, so that no row ever names a file that is not there. A file
    that storage lost meanwhile is written again. Raises what `media.store_image` raises.
    """
    limits = ImageLimits(settings.REVIEWHUB_MAX_IMAGE_BYTES, settings.REVIEWHUB_MAX_IMAGE_PIXELS)
    facts = asdict(store_image(data, project_uid=project.uid, limits=limits))
    sha256 = facts.pop("sha256")
    with transaction.atomic():
        image, is_new = StoredImage.objects.get_or_create(
            project=project, sha256=sha256, defaults={**facts, "created_at": now}
        )
        if is_new:
            audit.record(
                actor=actor,
                action="image.upload",
                subject=image,
                project_id=project.pk,
                after={"sha256": sha256, "byte_size": image.byte_size},
                now=now,
            )
    return image
