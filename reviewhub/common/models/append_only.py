"""Append-only tables: the database itself refuses to change a row, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython

Editor = BaseDatabaseSchemaEditor

# Class 23 is an integrity violation, so both databases raise Django's IntegrityError.
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION reviewhub_refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""


def append_only_sql(table: str, except_columns: Sequence[str] = ()) -> RunPython:
    """A migration operation: UPDATE of `table` raises IntegrityError on SQLite and PostgreSQL.

    `except_columns` may still change; a row may be saved again as long as nothing else differs.
    Rows can still be deleted (erasure, and the flush of tests).

    Use it as the last operation on its table. Danger: on SQLite every later change of the table
    (a column, a constraint) builds it anew and loses the trigger, and with exceptions the columns
    are listed once; so each migration that changes such a table ends with this operation again.
    """

    def create(apps: Any, editor: Editor) -> None:
        drop(apps, editor)
        _create[editor.connection.vendor](editor, table, tuple(except_columns))

    def drop(apps: Any, editor: Editor) -> None:
        where = f' ON "{table}"' if editor.connection.vendor == "postgresql" else ""
        editor.execute(f'DROP TRIGGER IF EXISTS "{_name(table)}"{where}', None)

    return RunPython(create, drop)


def _name(table: str) -> str:
    return f"{table}_append_only"


def _create_on_sqlite(editor: Editor, table: str, exceptions: tuple[str, ...]) -> None:
    changed = _changed(editor, table, exceptions, "IS NOT")
    editor.execute(
        f'CREATE TRIGGER "{_name(table)}" BEFORE UPDATE ON "{table}" FOR EACH ROW {changed} '
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        None,
    )


def _create_on_postgres(editor: Editor, table: str, exceptions: tuple[str, ...]) -> None:
    changed = _changed(editor, table, exceptions, "IS DISTINCT FROM")
    editor.execute(_POSTGRES_FUNCTION, None)
    editor.execute(
        f'CREATE TRIGGER "{_name(table)}" BEFORE UPDATE ON "{table}" FOR EACH ROW {changed} '
        "EXECUTE FUNCTION reviewhub_refuse_update()",
        None,
    )


def _changed(editor: Editor, table: str, exceptions: tuple[str, ...], differs: str) -> str:
    """The trigger's condition; none at all where nothing may change."""
    if not exceptions:
        return ""
    with editor.connection.cursor() as cursor:
        description = editor.connection.introspection.get_table_description(cursor, table)
    columns = [column.name for column in description]
    if unknown := set(exceptions) - set(columns):
        raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
    kept = [name for name in columns if name not in exceptions]
    return "WHEN (" + " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in kept) + ")"


_create: dict[str, Callable[[Editor, str, tuple[str, ...]], None]] = {
    "sqlite": _create_on_sqlite,
    "postgresql": _create_on_postgres,
}
