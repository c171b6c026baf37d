from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from annotations.errors import BatchTooLarge
from annotations.models import ApiKey, ApiKeyMinute
from reviewhub.common.errors import RateLimited

# The database's minute and what is left of it, in seconds; as statements with parameters want it.
_MINUTE = {
    "postgresql": "date_trunc('minute', clock_timestamp())",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:00', 'now')",
}
_SECONDS_LEFT = {
    "postgresql": "60 - date_part('second', clock_timestamp())",
    "sqlite": "60 - strftime('%%f', 'now')",
}


@dataclass(frozen=True)
class Allowance:
    """What a key may still ask for in this minute."""

    calls: int
    calls_left: int
    predictions: int
    predictions_left: int
    seconds_left: int

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit-Policy and RateLimit, as the draft of the IETF's HTTP API group has them."""
        left = self.seconds_left
        return {
            "RateLimit-Policy": f'"calls";q={self.calls};w=60, '
            f'"predictions";q={self.predictions};w=60',
            "RateLimit": f'"calls";r={self.calls_left};t={left}, '
            f'"predictions";r={self.predictions_left};t={left}',
        }


class AllowanceSpent(Exception):
    """For doors, which answer `error` and tell what is left; the call counts as nothing."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(str(allowance))
        self.allowance = allowance

    @property
    def error(self) -> RateLimited:
        return RateLimited(retry_after=self.allowance.seconds_left)


def spend_allowance(*, key: ApiKey, calls: int = 1, predictions: int = 0) -> Allowance:
    """Count a call and its predictions against the key's limits of the database's minute.

    One statement with a transaction of its own, before any work: what a call costs is not given
    back when the call fails, and no call waits for another one's work. Raises AllowanceSpent, and
    BatchTooLarge for more predictions than a whole minute allows.
    """
    if predictions > key.predictions_per_minute:
        raise BatchTooLarge(limit=key.predictions_per_minute, sent=predictions)
    spent = _spend(key, calls, predictions)
    if spent is None:
        raise AllowanceSpent(_allowance(key, *_spent(key)))
    return _allowance(key, *spent)


def _spend(key: ApiKey, calls: int, predictions: int) -> tuple[int, int, float] | None:
    """Calls, predictions and seconds left; None, and nothing counted, beyond a limit."""
    table = connection.ops.quote_name(ApiKeyMinute._meta.db_table)
    minute, left = _MINUTE[connection.vendor], _SECONDS_LEFT[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            # The parts put into the text are constants of this file and the name of the table.
            f"INSERT INTO {table} AS spent (key_id, minute, calls, predictions) "  # noqa: S608
            f"VALUES (%s, {minute}, %s, %s) ON CONFLICT (key_id, minute) DO UPDATE "
            "SET calls = spent.calls + excluded.calls, "
            "predictions = spent.predictions + excluded.predictions "
            "WHERE spent.calls + excluded.calls <= %s "
            "AND spent.predictions + excluded.predictions <= %s "
            f"RETURNING calls, predictions, {left}",
            [key.pk, calls, predictions, key.calls_per_minute, key.predictions_per_minute],
        )
        row: tuple[int, int, float] | None = cursor.fetchone()
    return row


def _spent(key: ApiKey) -> tuple[int, int, float]:
    """In this minute, which need not be the newest on record: a clock may have gone back."""
    table = connection.ops.quote_name(ApiKeyMinute._meta.db_table)
    minute, left = _MINUTE[connection.vendor], _SECONDS_LEFT[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            # As above: constants of this file and the name of the table. The sum over no rows, as
            # the minute may have ended meanwhile, is one row still.
            "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(predictions), 0), "  # noqa: S608
            f"MAX({left}) FROM (SELECT 1) AS one LEFT JOIN {table} AS spent "
            f"ON spent.key_id = %s AND spent.minute = {minute}",
            [key.pk],
        )
        row: tuple[int, int, float] = cursor.fetchone()
    return row


def _allowance(key: ApiKey, calls: int, predictions: int, left: float) -> Allowance:
    return Allowance(
        calls=key.calls_per_minute,
        calls_left=max(0, key.calls_per_minute - calls),
        predictions=key.predictions_per_minute,
        predictions_left=max(0, key.predictions_per_minute - predictions),
        seconds_left=max(1, round(float(left))),
    )
