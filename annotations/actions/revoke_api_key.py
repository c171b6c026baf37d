from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.models import ApiKey
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def revoke_api_key(*, key: ApiKey, actor: Actor, now: datetime) -> ApiKey:
    """End a key at once and for good; a key that is revoked already stays as it is."""
    with transaction.atomic():
        ended = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
        if ended:
            audit.record(
                actor=actor,
                action="api_key.revoke",
                subject=key,
                project_id=key.project_id,
                after={"name": key.name, "prefix": key.prefix},
                now=now,
            )
    key.refresh_from_db()
    return key
