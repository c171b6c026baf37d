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
_NOW = {
    "postgresql": "SELECT clock_timestamp()",
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')",
}


def database_now() -> datetime:
    """The database's time, aware, in UTC; to the microsecond (SQLite: millisecond).

    Doors read it once per request or task and pass it on as `now=`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOW[connection.vendor], None)
        (value,) = cursor.fetchone()
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = value
    return moment.astimezone(UTC)


def lapsed(now: datetime, length: timedelta) -> Q:
    """Whether a row's `lease_until` holds nobody off any more, where leases last `length`.

    One that ends later than any given today was given before the clock went back, and would be
    kept for as long as it went back. Twice the length, as colleagues read the clock moments later.
    """
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * length)
