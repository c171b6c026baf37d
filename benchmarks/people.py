"""Reviewers of a measured instance, logged in without a password; settings must be set up."""

from __future__ import annotations

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.actions.add_member import add_member
from annotations.models import Project, Role, User
from reviewhub.common.actor import Actor
from reviewhub.common.sessions import SessionStore

BACKEND = "reviewhub.common.authentication.Accounts"


def person(project: Project, number: int) -> User:
    user = User.objects.create(username=f"reviewer-{number}", password="!")  # noqa: S106 (none is "!")
    add_member(
        project=project,
        user=user,
        role=Role.REVIEWER,
        actor=Actor.system("benchmark"),
        now=project.created_at,
    )
    acknowledge_guideline(project=project, user=user, number=1, now=project.created_at)
    return user


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
