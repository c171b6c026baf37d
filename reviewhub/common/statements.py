"""SQL by hand for the few places where a person waits, and every millisecond is felt all day.

The ORM makes its SQL anew each time (a quarter of a millisecond), and PostgreSQL plans it anew each
time (half of one, for a join of five tables). A Statement is text that never changes, so PostgreSQL
plans it once a connection. Everywhere else the ORM is the better choice.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_type_hints
from uuid import UUID

from django.db import connection, models
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
        make = _maker(self.row, connection.vendor)
        with _cursor() as cursor:
            cursor.execute(self.sql, _adapted(parameters))
            return [make(row) for row in cursor.fetchall()]

    def first(self, **parameters: object) -> Row | None:
        """The first row, or None; say LIMIT 1 where there may be more."""
        with _cursor() as cursor:
            cursor.execute(self.sql, _adapted(parameters))
            row = cursor.fetchone()
        return None if row is None else cast(Row, _maker(self.row, connection.vendor)(row))


def execute(sql: str, **parameters: object) -> int:
    """Run a statement of which nothing is read; how many rows it touched."""
    with _cursor() as cursor:
        cursor.execute(sql, _adapted(parameters))
        return int(cursor.rowcount)


def insert(row: M) -> M:
    """What `row.save(force_insert=True)` does, without what the ORM needs to find that out."""
    insertion = _insertion(type(row))
    values = [prepare(getattr(row, name), connection) for name, prepare in insertion.values]
    with _cursor() as cursor:
        cursor.execute(insertion.sql, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding = False
    row._state.db = connection.alias
    return row


def insert_all(rows: Sequence[models.Model]) -> None:
    """The same for a few rows of one model, in one statement; their ids are not read."""
    if not rows:
        return
    insertion = _insertion(type(rows[0]), len(rows))
    values = [
        prepare(getattr(row, name), connection)
        for row in rows
        for name, prepare in insertion.values
    ]
    with _cursor() as cursor:
        cursor.execute(insertion.sql, values)


def partly(model: type[M], **values: object) -> M:
    """A stored row of which some columns are known; Django fetches any other when it is asked."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db(connection.alias, names, [values[name] for name in names])


def by_id(model: type[M], pk: int) -> M:
    """`model.objects.get(pk=…)`, prepared where that matters; raises the model's DoesNotExist."""
    if connection.vendor != "postgresql":
        return model._base_manager.get(pk=pk)
    names, converts, sql = _selection(model)
    with _cursor() as cursor:
        cursor.execute(sql, [pk])
        row = cursor.fetchone()
    if row is None:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    values = [
        convert(value, None, connection) if convert else value
        for value, convert in zip(row, converts, strict=True)
    ]
    return model.from_db(connection.alias, names, values)


@dataclass(frozen=True)
class _Insertion:
    sql: str
    values: tuple[tuple[str, Callable[[Any, Any], Any]], ...]


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
def _insertion(model: type[models.Model], rows: int = 1) -> _Insertion:
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * rows)
    into = f'"{model._meta.db_table}" ({columns})'
    return _Insertion(
        f'INSERT INTO {into} VALUES {marks} RETURNING "{key.column}"',  # noqa: S608 (names only)
        tuple((field.attname, field.get_db_prep_save) for field in fields),
    )


def _cursor() -> CursorWrapper:
    """Django's own cursor; on PostgreSQL over one that sends parameters apart from the text.

    Only then is a statement prepared and kept (OPTIONS["prepare_threshold"] says after how many
    times). The whole ORM could be told to do so (`server_side_binding`), and would lose its partial
    indexes: it makes a parameter of every value.
    """
    cursor = connection.cursor()
    if connection.vendor == "postgresql":
        from django.db.backends.postgresql.base import (  # noqa: PLC0415 (needs psycopg)
            ServerBindingCursor,
        )

        cursor.cursor = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    return cursor


def _adapted(parameters: Mapping[str, object]) -> dict[str, Any]:
    """Parameters as the driver wants them; PostgreSQL's knows every type that we send."""
    if connection.vendor == "postgresql":
        return dict(parameters)
    return {name: _for_sqlite(value) for name, value in parameters.items()}


def _for_sqlite(value: object) -> object:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


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
