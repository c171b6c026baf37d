"""The cursor behind statements by hand: one for each connection, preparing what it is given."""

from __future__ import annotations

import select
from collections.abc import Callable
from functools import cache
from operator import attrgetter, methodcaller
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

Take = Callable[[Any], Any]

ALL: Take = methodcaller("fetchall")
FIRST: Take = methodcaller("fetchone")
TOUCHED: Take = attrgetter("rowcount")
_KEPT = "_reviewhub_cursor"


def run(database: BaseDatabaseWrapper, sql: str, parameters: Any, take: Take) -> Any:
    """What there is to `take` of a statement's result.

    On PostgreSQL by a cursor that sends parameters apart from the text: only then is a statement
    prepared and kept (OPTIONS["prepare_threshold"] says after how many times). The whole ORM could
    be told to do so (`server_side_binding`), and would lose its partial indexes: it makes a
    parameter of every value. Where statements are logged or wrapped, Django's own cursor serves.
    """
    if database.vendor != "postgresql" or database.queries_logged or database.execute_wrappers:
        with database.cursor() as usual:
            usual.execute(sql, parameters)
            return take(usual)
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        cursor = _preparing_cursor(database)
        cursor.execute(sql, parameters)
        return take(cursor)


def _preparing_cursor(database: BaseDatabaseWrapper) -> Any:
    """One for each connection, which remembers how values of each type are sent and read."""
    if not database.health_check_done:  # type: ignore[attr-defined]
        if (living := database.connection) and not living.closed and _silent(living.fileno()):
            database.health_check_done = True  # type: ignore[attr-defined]
        database.close_if_health_check_failed()
    database.ensure_connection()
    kept = vars(database).get(_KEPT)
    if kept is None or kept.connection is not database.connection:
        kept = vars(database)[_KEPT] = _prepared_cursor()(database.connection)
    return kept


def _silent(socket: int) -> bool:
    """Whether nothing has come on an idle connection: a server that went away would have said so.

    A look at the socket instead of the question to the server that Django asks at each request;
    it is asked all the same when something has come.
    """
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return not waiting.poll(0)


@cache
def _prepared_cursor() -> Any:
    from django.db.backends.postgresql.base import (  # noqa: PLC0415 (needs psycopg)
        ServerBindingCursor,
    )

    return ServerBindingCursor
