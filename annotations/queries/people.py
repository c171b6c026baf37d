"""Who may enter a project: people by membership, programs by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from annotations.errors import UnknownKey
from annotations.models import ApiKey, Membership, Verb


@dataclass(frozen=True)
class Member:
    name: str
    role: str
    since: datetime


@dataclass(frozen=True)
class KeyFacts:
    """A key without its secret, which nobody knows any more."""

    name: str
    prefix: str
    verbs: Sequence[str]
    expires_at: datetime
    last_used_at: datetime | None
    revoked: bool

    @property
    def used(self) -> str:
        return f"{self.last_used_at:%d %b %Y %H:%M}" if self.last_used_at else "never"


def members_of(project_id: int) -> list[Member]:
    rows = Membership.objects.filter(project=project_id).select_related("user")
    return [
        Member(row.user.get_username(), row.get_role_display(), row.created_at)
        for row in rows.order_by("user__username")
    ]


def keys_of(project_id: int) -> list[KeyFacts]:
    """Keys by age, the revoked ones included: who could once do what is part of the record."""
    return [
        KeyFacts(
            name=row.name,
            prefix=row.prefix,
            verbs=[Verb(verb).label for verb in row.verbs],
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked=row.revoked_at is not None,
        )
        for row in ApiKey.objects.filter(project=project_id).order_by("created_at")
    ]


def key_with_prefix(prefix: str) -> ApiKey:
    """The key an operator names by the part of it that everybody may know; UnknownKey."""
    key = ApiKey.objects.select_related("project").filter(prefix=prefix).first()
    if key is None:
        raise UnknownKey(prefix=prefix)
    return key
