"""The one clock that decides leases and order: the database's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from django.db import connection
from django.db.models import Q
from msgspec import Meta

Moment = Annotated[datetime, Meta(tz=True)]
"""A time that knows its zone, as every one here does; in a schema it reads as a date-time."""

# Not CURRENT_TIMESTAMP: on PostgreSQL that is the start of the transaction.
NOW_IN_SQL = {
    "postgresql": "clock_timestamp()",
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f', 'now')",
}
"""The same time for a statement that asks for something else besides."""


def database_now() -> datetime:
    """The database's time, aware, in UTC; to the microsecond (SQLite: millisecond).

    Doors read it once per request or task and pass it on as `now=`.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NOW_IN_SQL[connection.vendor]}", None)
        (value,) = cursor.fetchone()
    return moment_of(value)


def moment_of(value: str | datetime) -> datetime:
    """What NOW_IN_SQL has told: SQLite says it as a text."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    return value.astimezone(UTC)


def lapsed(now: datetime, length: timedelta) -> Q:
    """Whether a row's `lease_until` holds nobody off any more, where leases last `length`.

    One that ends later than any given today was given before the clock went back, and would be
    kept for as long as it went back. Twice the length, as colleagues read the clock moments later.
    """
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * length)
