"""Who a session belongs to: Django's own answer, asked by a prepared statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend

from reviewhub.common.statements import by_id

if TYPE_CHECKING:
    from annotations.models import User


class Accounts(ModelBackend):
    """Passwords and sessions of people; every request of a logged-in person comes through here."""

    def get_user(self, user_id: int) -> User | None:
        model = get_user_model()
        try:
            user = by_id(model, user_id)
        except model.DoesNotExist:
            return None
        return user if self.user_can_authenticate(user) else None
