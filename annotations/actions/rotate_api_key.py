from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from annotations.access import NewSecret
from annotations.errors import KeyNotUsable
from annotations.models import ApiKey
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def rotate_api_key(
    *,
    key: ApiKey,
    expires_at: datetime,
    overlap: timedelta = timedelta(days=1),
    actor: Actor,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A successor with name, verbs and limits as before, and its secret; the old key ends later.

    During the overlap both work, so that a client changes keys without a gap. Raises
    KeyNotUsable for a key that is revoked or expired. Locks the old key.
    """
    drawn = NewSecret.draw()
    with transaction.atomic():
        old = ApiKey.objects.select_for_update().get(pk=key.pk)
        if old.revoked_at or old.expires_at <= now or expires_at <= now:
            raise KeyNotUsable(key=str(old))
        new = ApiKey.objects.create(
            project_id=old.project_id,
            name=old.name,
            prefix=drawn.prefix,
            digest=drawn.digest,
            verbs=old.verbs,
            calls_per_minute=old.calls_per_minute,
            predictions_per_minute=old.predictions_per_minute,
            created_by_id=actor.user_id,
            created_at=now,
            expires_at=expires_at,
            rotated_from=old,
        )
        old.expires_at = min(old.expires_at, now + overlap)
        old.save(update_fields=["expires_at"])
        audit.record(
            actor=actor,
            action="api_key.rotate",
            subject=new,
            project_id=old.project_id,
            before={"prefix": old.prefix, "expires_at": old.expires_at.isoformat()},
            after={"prefix": new.prefix, "expires_at": expires_at.isoformat()},
            now=now,
        )
    return new, drawn.secret
