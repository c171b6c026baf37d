from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.models import Membership
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def remove_member(*, membership: Membership, actor: Actor, now: datetime) -> None:
    """Take a person's role away; what they answered stays, and leases they hold run out."""
    with transaction.atomic():
        audit.record(
            actor=actor,
            action="member.remove",
            subject=membership,
            project_id=membership.project_id,
            before={"user": membership.user.get_username(), "role": membership.role},
            now=now,
        )
        membership.delete()
