from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotations.models import Membership, Project, Role, User
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def add_member(
    *, project: Project, user: User, role: Role, actor: Actor, now: datetime
) -> Membership:
    """Give a person a role in the project; a role they had before is replaced."""
    with transaction.atomic():
        membership, is_new = Membership.objects.select_for_update().get_or_create(
            user=user, project=project, defaults={"role": role, "created_at": now}
        )
        before = None if is_new else membership.role
        if before == role:
            return membership
        membership.role = role
        membership.save(update_fields=["role"])
        audit.record(
            actor=actor,
            action="member.add",
            subject=membership,
            project_id=project.pk,
            before={"role": before} if before else None,
            after={"user": user.get_username(), "role": str(role)},
            now=now,
        )
    return membership
