"""Who is at the door and which project they may enter; for the doors of this app and the next."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from annotations.access import actor_of, authenticate_key, project_for, project_of_key
from annotations.errors import ProgramsOnly
from annotations.models import ApiKey, Project, Role, User, Verb
from reviewhub.common.actor import Actor
from reviewhub.common.errors import Unauthenticated

__all__ = [
    "Admission",
    "ApiKey",
    "Project",
    "Role",
    "User",
    "Verb",
    "admit",
    "admit_person",
    "authenticate_key",
]


@dataclass(frozen=True)
class Admission:
    project: Project
    actor: Actor


def admit(
    *,
    user: User | AnonymousUser,
    key: object,
    slug: str,
    verbs: tuple[Verb, ...],
    role: Role | None,
) -> Admission:
    """Let a program in by one of `verbs`, or a person by `role`; None keeps people out.

    `key` is `request.auth`: an ApiKey, or None for a person. Raises Unauthenticated (401),
    UnknownProject (404), and VerbNotAllowed, RoleNotAllowed or ProgramsOnly (403).
    """
    if isinstance(key, ApiKey):
        return Admission(project_of_key(key, slug, *verbs), actor_of(key))
    admission = admit_person(user=user, slug=slug, at_least=role or Role.REVIEWER)
    if role is None:
        raise ProgramsOnly
    return admission


def admit_person(*, user: User | AnonymousUser, slug: str, at_least: Role) -> Admission:
    """Let a person in by their role in the project; errors as `admit`."""
    if not isinstance(user, User):
        raise Unauthenticated
    return Admission(project_for(user, slug, at_least=at_least), actor_of(user))
