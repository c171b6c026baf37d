"""Who may see and do what: the one answer for every door."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q

from annotations.errors import (
    KeyExpired,
    RoleNotAllowed,
    UnknownProject,
    VerbNotAllowed,
    WrongKey,
)
from annotations.models import ApiKey, Membership, Project, Role, User, Verb
from reviewhub.common.actor import Actor
from reviewhub.common.clock import NOW_IN_SQL, database_now, moment_of
from reviewhub.common.errors import Unauthenticated
from reviewhub.common.statements import Statement, partly

HEADER = re.compile(r"(?i:bearer) +(?P<secret>rh_(?P<prefix>[0-9a-f]{8})_[A-Za-z0-9_-]{43})")
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class NewSecret:
    """A key's secret, shown once: `rh_<prefix>_<43 characters>`, 256 random bits."""

    prefix: str
    secret: str
    digest: str

    @classmethod
    def draw(cls) -> NewSecret:
        prefix = secrets.token_hex(4)
        secret = f"rh_{prefix}_{secrets.token_urlsafe(32)}"
        return cls(prefix, secret, digest_of(secret))


class _Key(NamedTuple):
    """A key's columns, then its project's, each by its name in the model."""

    id: int
    uid: UUID
    project_id: int
    name: str
    prefix: str
    digest: str
    verbs: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    calls_per_minute: int
    predictions_per_minute: int
    last_used_at: datetime | None
    project_uid: UUID
    project_name: str
    slug: str
    kind: str
    site_time_zone: str
    note: str


_OWN = _Key._fields[: _Key._fields.index("project_uid")]
_KEY = Statement(
    """
    SELECT key.id, key.uid, key.project_id, key.name, key.prefix, key.digest, key.verbs,
        key.created_at, key.expires_at, key.revoked_at, key.calls_per_minute,
        key.predictions_per_minute, key.last_used_at,
        project.uid, project.name, project.slug, project.kind, project.site_time_zone, project.note
    FROM annotations_apikey key JOIN annotations_project project ON project.id = key.project_id
    WHERE key.prefix = %(prefix)s
    """,
    _Key,
)


def digest_of(secret: str) -> str:
    """SHA-256 in hex. A slow hash would add nothing: the secret is random, not chosen."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate_key(header_value: str | None, now: datetime) -> ApiKey:
    """The key of an Authorization header; WrongKey or KeyExpired (both 401) otherwise.

    An unknown key and a tampered one answer alike. The time of last use is the one fact written
    outside an action: at most once a minute and key, so that reading stays cheap.
    """
    header = HEADER.fullmatch(header_value or "")
    if header is None:
        raise WrongKey
    key = _find(prefix=header["prefix"], secret=header["secret"])
    if key.revoked_at is not None or key.expires_at <= now:
        raise KeyExpired
    _note_use(key, now)
    return key


def _find(*, prefix: str, secret: str) -> ApiKey:
    found = _KEY.first(prefix=prefix)
    stored = found.digest if found else ""
    if not hmac.compare_digest(stored, digest_of(secret)) or found is None:
        raise WrongKey
    own = dict(zip(_OWN, found, strict=False))
    return partly(
        ApiKey,
        **(own | {"verbs": json.loads(found.verbs)}),
        project=partly(
            Project,
            id=found.project_id,
            uid=found.project_uid,
            slug=found.slug,
            name=found.project_name,
            kind=found.kind,
            site_time_zone=found.site_time_zone,
            note=found.note,
        ),
    )


def _note_use(key: ApiKey, now: datetime) -> None:
    stale = now - USE_NOTED_EVERY
    if key.last_used_at is None or key.last_used_at < stale:
        rows = ApiKey.objects.filter(Q(last_used_at__isnull=True) | Q(last_used_at__lt=stale))
        rows.filter(pk=key.pk).update(last_used_at=now)


def require_verb(key: ApiKey, *allowed: Verb) -> None:
    """Raise VerbNotAllowed (403) unless the key has one of the verbs."""
    if not set(allowed) & set(key.verbs):
        raise VerbNotAllowed(verb=" or ".join(allowed))


class _Admitted(NamedTuple):
    """A role, the time, and the project's columns by their names in the model."""

    role: str
    now: Any
    id: int
    uid: UUID
    slug: str
    name: str
    kind: str
    site_time_zone: str
    note: str
    created_at: datetime


_ADMITTING = """
    SELECT membership.role, {now}, project.id, project.uid, project.slug, project.name,
        project.kind, project.site_time_zone, project.note, project.created_at
    FROM annotations_project project
    JOIN annotations_membership membership ON membership.project_id = project.id
    WHERE project.slug = %(slug)s AND membership.user_id = %(user)s
"""
# A percent sign of the text itself is written twice in a statement with parameters.
_ADMITTED = {
    vendor: Statement(_ADMITTING.format(now=now.replace("%", "%%")), _Admitted)
    for vendor, now in NOW_IN_SQL.items()
}


def project_for(user: User | AnonymousUser, slug: str, *, at_least: Role) -> Project:
    """The project, if the person has the role in it; raises what `admit` raises."""
    project, _ = admit(user, slug, at_least=at_least)
    return project


def admit(user: User | AnonymousUser, slug: str, *, at_least: Role) -> tuple[Project, datetime]:
    """The project, if the person has the role in it, and the database's time.

    A stranger cannot tell a project that is not theirs from one that does not exist: both are
    UnknownProject (404). A member whose role is too low is RoleNotAllowed (403).
    """
    if not isinstance(user, User):
        raise Unauthenticated
    if user.is_superuser:
        project = Project.objects.filter(slug=slug).first()
        if project is None:
            raise UnknownProject
        return project, database_now()
    admitted = _ADMITTED[connection.vendor].first(user=user.pk, slug=slug)
    if admitted is None:
        raise UnknownProject
    role, now, *columns = admitted
    if not Role(role).includes(at_least):
        raise RoleNotAllowed(needed=str(at_least))
    project = partly(Project, **dict(zip(_Admitted._fields[2:], columns, strict=True)))
    return project, moment_of(now)


def has_role(user: User, project: Project, at_least: Role) -> bool:
    """Whether somebody who is in the project anyway may do more there."""
    if user.is_superuser:
        return True
    own = Membership.objects.filter(user=user, project=project).values_list("role", flat=True)
    return any(Role(role).includes(at_least) for role in own)


def project_of_key(key: ApiKey, slug: str, *allowed: Verb) -> Project:
    """The key's own project; any other one is UnknownProject, a missing verb VerbNotAllowed."""
    if key.project.slug != slug:
        raise UnknownProject
    require_verb(key, *allowed)
    return key.project


def actor_of(who: User | ApiKey) -> Actor:
    """How the audit trail names a person or a key."""
    if isinstance(who, ApiKey):
        return Actor(kind="key", id=who.pk, name=str(who))
    return Actor(kind="user", id=who.pk, name=who.get_username())
