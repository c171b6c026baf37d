"""Many rows by one statement, without a model instance for each: for what arrives by the thousand.

    insert(Item, [{"uid": …, "external_id": …}, …], constants={"project_id": 7},
           ignore_conflicts=True, returning=("id", "external_id"))

The rows travel as one JSON document, which both databases unfold: no limit of parameters, no
temporary table, and a third of the time that model instances cost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction
from django.db.models import DateTimeField, Field, JSONField, Model, UUIDField

Row = Mapping[str, Any]
Names = tuple[str, ...]


def insert(
    model: type[Model],
    rows: Sequence[Row],
    *,
    constants: Row | None = None,
    ignore_conflicts: bool = False,
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]]:
    """Insert `rows` in their order, each with the `constants` that all of them share.

    Keys are names of columns (`item_id`), the same in every row; a column that is left out gets
    the database's default or NULL, never the model's. With `ignore_conflicts`, rows that a unique
    constraint refuses are left out, and only what this call inserted is returned: values as the
    database has them. Raises IntegrityError.
    """
    if not rows:
        return []
    if ignore_conflicts:
        try:
            # New rows are the common case, and to look for conflicts first costs a fifth more.
            with transaction.atomic():
                return insert(model, rows, constants=constants, returning=returning)
        except IntegrityError:
            pass
    shared = constants or {}
    statement = _statement(
        model, tuple(shared), tuple(rows[0]), ignore=ignore_conflicts, returning=tuple(returning)
    )
    values = [_field(model, name).get_db_prep_save(shared[name], connection) for name in shared]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, msgspec.json.encode(rows).decode()])
        return list(cursor.fetchall()) if returning else []


@cache
def _statement(
    model: type[Model], constants: Names, names: Names, *, ignore: bool, returning: Names
) -> str:
    fields = [_field(model, name) for name in names]
    given = "".join("%s, " for _ in constants)
    source = _from[connection.vendor](given, fields)
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    answer = f" RETURNING {_listed(returning)}" if returning else ""
    into = f'INTO "{model._meta.db_table}" ({_listed((*constants, *names))})'
    return f"INSERT {into} {source}{conflict}{answer}"


def _from_postgresql(constants: str, fields: Sequence[Field[Any, Any]]) -> str:
    columns = ", ".join(f'"{field.column}" {_type(field)}' for field in fields)
    picked = _listed([str(field.column) for field in fields])
    return f"SELECT {constants}{picked} FROM json_to_recordset(%s) AS given({columns})"  # noqa: S608 (names of our own models)


def _from_sqlite(constants: str, fields: Sequence[Field[Any, Any]]) -> str:
    picked = ", ".join(_picked(field) for field in fields)
    # WHERE TRUE, or the parser takes ON CONFLICT for the condition of a join.
    return f"SELECT {constants}{picked} FROM json_each(%s) WHERE TRUE"  # noqa: S608 (as above)


_from: dict[str, Callable[[str, Sequence[Field[Any, Any]]], str]] = {
    "postgresql": _from_postgresql,
    "sqlite": _from_sqlite,
}


def _picked(field: Field[Any, Any]) -> str:
    """A member of the row, as Django stores a value of this field on SQLite."""
    value = f"value ->> '{field.column}'"
    if isinstance(field, JSONField):
        return f"value -> '{field.column}'"
    if isinstance(field, UUIDField):
        return f"replace({value}, '-', '')"
    if isinstance(field, DateTimeField):
        return f"replace(replace({value}, 'T', ' '), 'Z', '')"
    return value


def _type(field: Field[Any, Any]) -> str:
    kind = field.rel_db_type if field.is_relation else field.db_type
    return str(kind(connection))


def _field(model: type[Model], column: str) -> Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
