"""SQL by hand for the few places where a person waits, and every millisecond is felt all day.

The ORM makes its SQL anew each time (a quarter of a millisecond), and PostgreSQL plans it anew each
time (half of one, for a join of five tables). A Statement is text that never changes, so PostgreSQL
plans it once a connection. Everywhere else the ORM is the better choice.
"""

from __future__ import annotations

import select
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_type_hints
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

Row = TypeVar("Row", bound=NamedTuple)
M = TypeVar("M", bound=models.Model)
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Statement(Generic[Row]):
    """One statement for both databases, with %(named)s parameters and rows of a NamedTuple.

        class Held(NamedTuple):
            id: int
            uid: UUID

        HELD = Statement("SELECT id, uid FROM … WHERE reviewer_id = %(reviewer)s", Held)
        HELD.first(reviewer=7)

    Values that never vary belong into the text: PostgreSQL uses a partial index only if it can see
    from the text that the index has all that is asked for. JSON columns come as text.
    """

    sql: str
    row: type[Row]

    def all(self, **parameters: object) -> list[Row]:
        database = connections[DEFAULT_DB_ALIAS]
        make = _maker(self.row, database.vendor)
        with _cursor(database) as cursor:
            cursor.execute(self.sql, _adapted(database, parameters))
            return [make(row) for row in cursor.fetchall()]

    def first(self, **parameters: object) -> Row | None:
        """The first row, or None; say LIMIT 1 where there may be more."""
        database = connections[DEFAULT_DB_ALIAS]
        with _cursor(database) as cursor:
            cursor.execute(self.sql, _adapted(database, parameters))
            row = cursor.fetchone()
        return None if row is None else cast(Row, _maker(self.row, database.vendor)(row))


def execute(sql: str, **parameters: object) -> int:
    """Run a statement of which nothing is read; how many rows it touched."""
    database = connections[DEFAULT_DB_ALIAS]
    with _cursor(database) as cursor:
        cursor.execute(sql, _adapted(database, parameters))
        return int(cursor.rowcount)


def insert(row: M) -> M:
    """What `row.save(force_insert=True)` does, without what the ORM needs to find that out."""
    return insert_all([row])[0]


def insert_all(rows: Sequence[M]) -> Sequence[M]:
    """The same of a few rows of one model, in one trip."""
    database = connections[DEFAULT_DB_ALIAS]
    sql, prepares = _insertion(type(rows[0]), database.vendor, len(rows))
    values = [
        prepare(row.__dict__[name], database) if prepare else row.__dict__[name]
        for row in rows
        for name, prepare in prepares
    ]
    with _cursor(database) as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    return rows


def partly(model: type[M], **values: object) -> M:
    """A stored row of which some columns are known; Django fetches any other when it is asked."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(DEFAULT_DB_ALIAS, names, [values[name] for name in names])


def by_id(model: type[M], pk: int) -> M:
    """`model.objects.get(pk=…)`, prepared where that matters; raises the model's DoesNotExist."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return model._base_manager.get(pk=pk)
    names, converts, sql = _selection(model)
    with _cursor(database) as cursor:
        cursor.execute(sql, [pk])
        row = cursor.fetchone()
    if row is None:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    values = [
        convert(value, None, database) if convert else value
        for value, convert in zip(row, converts, strict=True)
    ]
    return model.from_db(DEFAULT_DB_ALIAS, names, values)


@cache
def _selection(model: type[models.Model]) -> tuple[list[str], list[Any], str]:
    """Names of all fields, what each makes of its column, and the SELECT by id."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    where = f'"{model._meta.pk.column}" = %s'
    sql = f'SELECT {columns} FROM "{model._meta.db_table}" WHERE {where}'  # noqa: S608 (names only)
    converts = [getattr(field, "from_db_value", None) for field in fields]
    return [field.attname for field in fields], converts, sql


@cache
def _insertion(
    model: type[models.Model], vendor: str, rows: int
) -> tuple[str, list[tuple[str, Callable[[Any, Any], Any] | None]]]:
    """The INSERT, and of each column its field's name and what makes a parameter of its value."""
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    into = f'"{model._meta.db_table}" ({columns})'
    sql = f'INSERT INTO {into} VALUES {marks} RETURNING "{key.column}"'  # noqa: S608 (names only)
    return sql, [(field.attname, _preparation(field, vendor)) for field in fields]


def _preparation(field: Any, vendor: str) -> Callable[[Any, Any], Any] | None:
    """PostgreSQL's driver knows every type that we send, but for documents."""
    if vendor == "postgresql" and not isinstance(field, models.JSONField):
        return None
    prepare: Callable[[Any, Any], Any] = field.get_db_prep_save
    return prepare


def _cursor(database: BaseDatabaseWrapper) -> CursorWrapper:
    """Django's own cursor; on PostgreSQL over one that sends parameters apart from the text.

    Only then is a statement prepared and kept (OPTIONS["prepare_threshold"] says after how many
    times). The whole ORM could be told to do so (`server_side_binding`), and would lose its partial
    indexes: it makes a parameter of every value. Where statements are logged, the usual cursor
    serves, for it knows their text with the values in it.
    """
    if database.vendor != "postgresql" or database.queries_logged:
        return database.cursor()
    if (living := database.connection) and not living.closed and _silent(living.fileno()):
        database.health_check_done = True  # type: ignore[attr-defined]
    database.close_if_health_check_failed()
    database.ensure_connection()
    # In Django's wrapper, so that errors are Django's own.
    return CursorWrapper(_prepared_cursor()(database.connection), database)


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


def _adapted(database: BaseDatabaseWrapper, parameters: Mapping[str, object]) -> dict[str, Any]:
    """Parameters as the driver wants them; PostgreSQL's knows every type that we send."""
    if database.vendor == "postgresql":
        return dict(parameters)
    return {name: _for_sqlite(database, value) for name, value in parameters.items()}


def _for_sqlite(database: BaseDatabaseWrapper, value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return database.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, date) else value


@cache
def _maker(row: type[Row], vendor: str) -> Callable[[tuple[Any, ...]], Row]:
    """What makes a row of what the driver returned."""
    if vendor == "postgresql":
        return row._make
    converts = [_from_sqlite(hint) for hint in get_type_hints(row).values()]

    def make(values: tuple[Any, ...]) -> Row:
        return row._make(
            convert(value) if convert is not None and value is not None else value
            for convert, value in zip(converts, values, strict=True)
        )

    return make


def _from_sqlite(hint: Any) -> Convert | None:
    """How a column is read that SQLite stores as something else."""
    if isinstance(hint, types.UnionType):
        hint = next(each for each in get_args(hint) if each is not types.NoneType)
    converts: dict[Any, Convert] = {UUID: UUID, bool: bool, datetime: _moment}
    return converts.get(hint)


def _moment(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)
