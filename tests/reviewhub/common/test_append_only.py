from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.models import AuditEntry
from reviewhub.common.models.append_only import append_only_sql

NOW = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.both_databases


def record() -> AuditEntry:
    audit.record(
        actor=Actor.system("test"), action="a", subject=("t", "1"), project_id=None, now=NOW
    )
    return AuditEntry.objects.latest("id")


def update(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def table(transactional_db):
    with connection.schema_editor() as editor:
        editor.execute("CREATE TABLE notes (id integer PRIMARY KEY, text text, seen integer)", None)
        append_only_sql("notes", ["seen"]).code(None, editor)
        editor.execute("INSERT INTO notes VALUES (1, 'a', 0), (2, NULL, 0)", None)
    yield
    with connection.schema_editor() as editor:
        editor.execute("DROP TABLE notes", None)


@pytest.mark.django_db
def test_a_record_can_be_written_and_erased() -> None:
    record().delete()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_record_cannot_be_changed_by_any_way() -> None:
    entry = record()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(pk=entry.pk).update(action="b")
    entry.action = "b"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        entry.save()
    entry.refresh_from_db()
    assert entry.action == "a"


def test_an_excepted_column_may_change_and_nothing_else(table) -> None:
    update("UPDATE notes SET seen = 1")
    update("UPDATE notes SET seen = 2, text = text")
    for sql in (
        "UPDATE notes SET text = 'b' WHERE id = 1",
        "UPDATE notes SET text = 'b' WHERE id = 2",
        "UPDATE notes SET text = NULL, seen = 3 WHERE id = 1",
    ):
        with pytest.raises(IntegrityError, match="append-only"):
            update(sql)


def test_the_operation_can_be_undone_and_done_again(table) -> None:
    operation = append_only_sql("notes", ["seen"])
    with connection.schema_editor() as editor:
        operation.reverse_code(None, editor)
        editor.execute("UPDATE notes SET text = 'b' WHERE id = 1", None)
        operation.code(None, editor)
        operation.code(None, editor)
    with pytest.raises(IntegrityError):
        update("UPDATE notes SET text = 'c' WHERE id = 1")


def test_an_exception_for_a_column_that_is_not_there_is_refused(table) -> None:
    with connection.schema_editor() as editor, pytest.raises(ValueError, match="no column colour"):
        append_only_sql("notes", ["colour"]).code(None, editor)
