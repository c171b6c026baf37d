"""Statements by hand mean on both databases what the ORM would mean."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from annotations.models import Item, ItemContent, Project, Taxonomy, User
from reviewhub.common import tally
from reviewhub.common.ids import uuid7
from reviewhub.common.models import OutboxEvent, Tally
from reviewhub.common.statements import Statement, by_id, execute, insert, insert_numbered, partly

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 5, 4, 12, 30, 15, 250_000, tzinfo=UTC)


class Event(NamedTuple):
    id: int
    uid: UUID
    created_at: datetime
    data: str


FIND = Statement(
    """
    SELECT id, uid, created_at, data FROM common_outboxevent
    WHERE uid = %(uid)s AND created_at = %(at)s
    """,
    Event,
)


def event() -> OutboxEvent:
    return insert(OutboxEvent(project_id=1, type="x", data={"a": [1, None]}, created_at=NOW))


def test_a_row_goes_in_and_comes_out_as_the_orm_has_it():
    written = event()
    assert OutboxEvent.objects.get() == written
    assert OutboxEvent.objects.get().data == {"a": [1, None]}
    found = FIND.first(uid=written.uid, at=NOW)
    assert found[:3] == (written.pk, written.uid, NOW)
    assert FIND.all(uid=uuid7(), at=NOW) == []
    assert FIND.first(uid=uuid7(), at=NOW) is None


def test_statements_work_a_second_time_when_they_are_prepared():
    written = event()
    for _ in range(3):
        assert FIND.first(uid=written.uid, at=NOW).id == written.pk
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            assert any("common_outboxevent" in text for (text,) in cursor.fetchall())


def test_how_many_rows_were_touched_is_told():
    written = event()
    sql = "DELETE FROM common_outboxevent WHERE uid = %(uid)s"
    assert [execute(sql, uid=written.uid), execute(sql, uid=written.uid)] == [1, 0]


def test_a_number_follows_the_highest_of_its_kind():
    cells, bolts = (
        Project.objects.create(slug=slug, name=slug, kind="image_classification", created_at=NOW)
        for slug in ("cells", "bolts")
    )
    told = [
        insert_numbered(Taxonomy(project=of, created_at=NOW), within=("project_id",))
        for of in (cells, cells, bolts, cells)
    ]
    assert [row.number for row in told] == [1, 2, 1, 3]
    assert list(cells.taxonomies.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def test_errors_are_djangos():
    written = event()
    again = OutboxEvent(project_id=1, type="x", data={}, uid=written.uid, created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)


def test_a_row_by_its_id_is_whole_and_another_is_missing():
    user = User.objects.create(username="rita", keymap={"undo": "z"})
    found = by_id(User, user.pk)
    assert (found, found.keymap, found.uid) == (user, {"undo": "z"}, user.uid)
    with pytest.raises(User.DoesNotExist):
        by_id(User, user.pk + 1)


def test_what_is_not_loaded_is_fetched_when_it_is_asked(django_assert_num_queries):
    user = User.objects.create(username="rita", email="rita@example.com")
    loaded = partly(User, username="rita", id=user.pk)
    with django_assert_num_queries(0):
        assert (loaded.pk, loaded.username) == (user.pk, "rita")
    with django_assert_num_queries(1):
        assert loaded.email == "rita@example.com"


def test_rows_that_a_row_belongs_to_may_be_given_with_it(django_assert_num_queries):
    owner = partly(Project, id=5, slug="cells")
    content = partly(ItemContent, item_id=7, image=None, text="a")
    with django_assert_num_queries(0):
        item = partly(Item, id=7, project=owner, content=content)
        assert (item.project_id, item.project, item.content.text) == (5, owner, "a")
        assert (content.image_id, content.image) == (None, None)
    with pytest.raises(KeyError):
        partly(Item, id=7, colour="red")


def test_a_broken_transaction_takes_no_statement_more():
    with transaction.atomic():
        connection.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            FIND.first(uid=uuid7(), at=NOW)


def test_the_cursor_serves_on_after_an_error():
    written = event()
    for _ in range(2):
        again = OutboxEvent(project_id=1, type="x", data={}, uid=written.uid, created_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(again)
        assert FIND.first(uid=written.uid, at=NOW) is not None


def test_levels_are_of_no_day_and_flows_of_theirs():
    monday, tuesday = date(2026, 5, 4), date(2026, 5, 5)
    tally.add(1, monday, {"state:approved": 2, "reviews": 3, "nothing": 0})
    tally.add(1, tuesday, {"state:approved": -1, "reviews": 4})
    assert tally.totals(1) == {"state:approved": 1, "reviews": 7}
    assert tally.totals(1, prefix="reviews", day=tuesday) == {"reviews": 4}
    assert tally.of_projects([1, 2], "state:approved") == {1: 1}
    tally.fold()
    assert Tally.objects.filter(name="state:approved").count() == 1
    assert tally.everything(1)[tally.NO_DAY, "state:approved"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_has_closed_is_replaced_at_the_next_request():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server")
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (before,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 20000)", [before])
    other.close()
    connection.health_check_enabled, connection.health_check_done = True, False
    assert FIND.all(uid=uuid7(), at=NOW) == []
