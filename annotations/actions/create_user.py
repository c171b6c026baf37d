from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from annotations.errors import UserInvalid, UsernameTaken
from annotations.models import User
from reviewhub.common import audit
from reviewhub.common.actor import Actor


def create_user(
    *,
    username: str,
    password: str,
    email: str = "",
    operator: bool = False,
    actor: Actor,
    now: datetime,
) -> User:
    """Let a person log in; `operator` also opens the admin and every project.

    Raises UsernameTaken, or UserInvalid naming what is wrong with name, e-mail or password.
    """
    user = User(username=username, email=email, is_staff=operator, is_superuser=operator)
    user.set_password(password)
    _check(user, password)
    try:
        with transaction.atomic():
            user.save()
            audit.record(
                actor=actor,
                action="user.create",
                subject=user,
                project_id=None,
                after={"username": username, "operator": operator},
                now=now,
            )
    except IntegrityError:
        raise UsernameTaken(username=username) from None
    return user


def _check(user: User, password: str) -> None:
    faults: dict[str, list[str]] = {}
    try:
        user.clean_fields()
    except ValidationError as error:
        faults |= error.message_dict
    try:
        validate_password(password, user)
    except ValidationError as error:
        faults["password"] = error.messages
    if faults:
        raise UserInvalid(
            errors=[
                {"field": at, "message": told} for at, several in faults.items() for told in several
            ]
        )
