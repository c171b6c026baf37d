from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.access import actor_of
from annotations.errors import UnknownTaxonomy
from annotations.models import GuidelineReading, Project, User
from reviewhub.common import audit


def acknowledge_guideline(
    *, project: Project, user: User, number: int, now: datetime
) -> GuidelineReading:
    """Somebody says that they have read one version of the labels and their guideline; once.

    Raises UnknownTaxonomy.
    """
    version = project.taxonomies.filter(number=number).first()
    if version is None:
        raise UnknownTaxonomy(number=number)
    with transaction.atomic():
        reading, is_new = GuidelineReading.objects.get_or_create(
            user=user, taxonomy=version, defaults={"created_at": now}
        )
        if is_new:
            audit.record(
                actor=actor_of(user),
                action="guideline.read",
                subject=version,
                project_id=project.pk,
                after={"number": number},
                now=now,
            )
    return reading
