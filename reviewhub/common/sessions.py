"""Django's sessions in the database; every request looks one up, so by a prepared statement."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from reviewhub.common.statements import Statement, partly


class _Session(NamedTuple):
    session_key: str
    session_data: str
    expire_date: datetime


_LIVING = Statement(
    """
    SELECT session_key, session_data, expire_date FROM django_session
    WHERE session_key = %(key)s AND expire_date > %(now)s
    """,
    _Session,
)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> AbstractBaseSession | None:
        living = _LIVING.first(key=self.session_key, now=timezone.now())
        if living is None:
            self._session_key = None
            return None
        return partly(self.model, **living._asdict())
