"""SQL by hand for the few places where a person waits, and every millisecond is felt all day.

The ORM makes its SQL anew each time (a quarter of a millisecond), and PostgreSQL plans it anew each
time (half of one, for a join of five tables). A Statement is text that never changes, so PostgreSQL
plans it once a connection. Everywhere else the ORM is the better choice.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_type_hints
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

from reviewhub.common.prepared import ALL, FIRST, TOUCHED, run

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
        rows = run(database, self.sql, _adapted(database, parameters), ALL)
        return [make(row) for row in rows]

    def first(self, **parameters: object) -> Row | None:
        """The first row, or None; say LIMIT 1 where there may be more."""
        database = connections[DEFAULT_DB_ALIAS]
        row = run(database, self.sql, _adapted(database, parameters), FIRST)
        return None if row is None else cast(Row, _maker(self.row, database.vendor)(row))


def execute(sql: str, **parameters: object) -> int:
    """Run a statement of which nothing is read; how many rows it touched."""
    database = connections[DEFAULT_DB_ALIAS]
    return int(run(database, sql, _adapted(database, parameters), TOUCHED))


def insert(row: M) -> M:
    """What `row.save(force_insert=True)` does, without what the ORM needs to find that out."""
    _insert([row])
    return row


def insert_and_ask(rows: Sequence[M], question: str) -> bool:
    """The same of a few rows of a model, and in that trip whether a condition holds of any."""
    return any(_insert(rows, question))


def insert_numbered(row: M, *, within: tuple[str, ...]) -> M:
    """The same of a row whose `number` follows the highest of those that agree in these columns.

    Two at once draw the same number: a constraint must refuse the second.
    """
    database = connections[DEFAULT_DB_ALIAS]
    sql, prepares = _numbered_insertion(type(row), database.vendor, within)
    values = [
        prepare(row.__dict__[name], database) if prepare else row.__dict__[name]
        for name, prepare in prepares
    ]
    ((row.pk, number),) = run(database, sql, values, ALL)
    vars(row)["number"] = number
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS
    return row


def _insert(rows: Sequence[M], asked: str = "true") -> list[bool]:
    """What was asked, of each row."""
    database = connections[DEFAULT_DB_ALIAS]
    sql, prepares = _insertion(type(rows[0]), database.vendor, len(rows), asked)
    values = [
        prepare(row.__dict__[name], database) if prepare else row.__dict__[name]
        for row in rows
        for name, prepare in prepares
    ]
    returned = run(database, sql, values, ALL)
    for row, (key, _) in zip(rows, returned, strict=True):
        row.pk = key
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    return [bool(answer) for _, answer in returned]


def partly(model: type[M], **values: object) -> M:
    """A stored row of which some columns are known; Django fetches any other when it is asked.

    Rows that it belongs to may be given by the name of their field, and so may its one to one
    neighbours. The model's `__init__` is passed by, and so are the signals of it: an answer makes
    a dozen such rows, and they would be a tenth of its cost.
    """
    columns, relations = _known_names(model)
    row = model.__new__(model)
    kept, state = vars(row), ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    kept["_state"] = state
    for name, value in values.items():
        if name in columns:
            kept[name] = value
        else:
            state.fields_cache[name] = value
            if column := relations[name]:
                kept[column] = value and cast(models.Model, value).pk
    return row


def by_id(model: type[M], pk: int) -> M:
    """`model.objects.get(pk=…)`, prepared where that matters; raises the model's DoesNotExist."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor != "postgresql":
        return model._base_manager.get(pk=pk)
    names, converts, sql = _selection(model)
    row = run(database, sql, [pk], FIRST)
    if row is None:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    values = (
        convert(value, None, database) if convert else value
        for value, convert in zip(row, converts, strict=True)
    )
    return partly(model, **dict(zip(names, values, strict=True)))


@cache
def _known_names(model: type[models.Model]) -> tuple[frozenset[str], dict[str, str]]:
    """Columns; and the relations that lead to one row, with the column that each needs, if any."""
    meta = model._meta
    columns = frozenset(field.attname for field in meta.concrete_fields)
    ahead = {field.name: field.attname for field in meta.concrete_fields if field.is_relation}
    back = [relation for relation in meta.related_objects if relation.one_to_one]
    return columns, {**ahead, **{str(relation.get_accessor_name()): "" for relation in back}}


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
    model: type[models.Model], vendor: str, rows: int, asked: str
) -> tuple[str, list[tuple[str, Callable[[Any, Any], Any] | None]]]:
    """The INSERT, and of each column its field's name and what makes a parameter of its value."""
    key = model._meta.pk
    fields = [field for field in model._meta.concrete_fields if field is not key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    into = f'"{model._meta.db_table}" ({columns})'
    told = f'"{key.column}", {asked}'
    sql = f"INSERT INTO {into} VALUES {marks} RETURNING {told}"  # noqa: S608 (our own text)
    return sql, [(field.attname, _preparation(field, vendor)) for field in fields]


@cache
def _numbered_insertion(
    model: type[models.Model], vendor: str, within: tuple[str, ...]
) -> tuple[str, list[tuple[str, Callable[[Any, Any], Any] | None]]]:
    """The same with the number found on the way; its place is taken by what it is found by."""
    _, prepares = _insertion(model, vendor, 1, "true")
    table, key = model._meta.db_table, model._meta.pk.column
    alike = " AND ".join(f'"{name}" = %s' for name in within)
    last = f'(SELECT COALESCE(MAX(number), 0) + 1 FROM "{table}" WHERE {alike})'  # noqa: S608 (names only)
    names = [name for name, _ in prepares]
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(last if name == "number" else "%s" for name in names)
    sql = f'INSERT INTO "{table}" ({columns}) VALUES ({marks}) RETURNING "{key}", number'  # noqa: S608 (as above)
    known, at = dict(prepares), names.index("number")
    found_by = [(name, known[name]) for name in within]
    return sql, [*prepares[:at], *found_by, *prepares[at + 1 :]]


def _preparation(field: Any, vendor: str) -> Callable[[Any, Any], Any] | None:
    """PostgreSQL's driver knows every type that we send, but for documents."""
    if vendor == "postgresql" and not isinstance(field, models.JSONField):
        return None
    prepare: Callable[[Any, Any], Any] = field.get_db_prep_save
    return prepare


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
