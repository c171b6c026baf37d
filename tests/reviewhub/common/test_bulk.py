"""Rows by the thousand: what comes out is what Django would have stored, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from annotations.models import Item, ItemContent
from reviewhub.common.bulk import insert
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
THEN = datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=UTC)


def rows(*names: str, **others: object) -> list[dict[str, object]]:
    return [
        {
            "uid": uuid4(),
            "external_id": name,
            "source_group": "",
            "fold": "learn",
            "content_digest": "d",
            "slices": {"line": 3, "site": "Graz – Süd", "night": True, "none": None},
            "captured_at": THEN,
            **others,
        }
        for name in names
    ]


def test_what_is_inserted_reads_as_if_django_had_stored_it() -> None:
    cells = factories.project()
    (row,) = rows("zelle 'µ' \\ \"1\"")
    insert(Item, [row], constants={"project_id": cells.pk, "received_at": THEN})
    stored = Item.objects.get(external_id=row["external_id"])
    by_django = Item.objects.create(
        project=cells, received_at=THEN, **{**row, "uid": uuid4(), "external_id": "other"}
    )
    by_django.refresh_from_db()
    for field in ("slices", "captured_at", "received_at", "fold", "project_id"):
        assert getattr(stored, field) == getattr(by_django, field), field
    assert stored.uid == row["uid"]
    assert Item.objects.filter(uid=row["uid"], captured_at=THEN, received_at__lte=THEN).exists()


def test_only_what_this_call_inserted_comes_back() -> None:
    cells = factories.project()
    constants = {"project_id": cells.pk, "received_at": THEN}
    insert(Item, rows("b"), constants=constants)
    told = insert(
        Item,
        rows("a", "b", "c"),
        constants=constants,
        ignore_conflicts=True,
        returning=("external_id", "id"),
    )
    assert [name for name, _ in told] == ["a", "c"]
    assert dict(told) == dict(
        Item.objects.exclude(external_id="b").values_list("external_id", "pk")
    )


def test_a_null_stays_null_and_a_text_keeps_every_character() -> None:
    cells = factories.project()
    insert(
        Item, rows("a", captured_at=None), constants={"project_id": cells.pk, "received_at": THEN}
    )
    item = Item.objects.get()
    text = "שלום\u200b\u202e {\"a\": [1]} 'q' %s \\n 🙂"
    insert(ItemContent, [{"item_id": item.pk, "image_id": None, "text": text, "metadata": {}}])
    assert item.captured_at is None
    assert (item.content.text, item.content.image, item.content.metadata) == (text, None, {})


def test_a_conflict_that_is_not_to_be_ignored_is_an_error() -> None:
    cells = factories.project()
    constants = {"project_id": cells.pk, "received_at": THEN}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Item, rows("a", "a"), constants=constants)
    assert not Item.objects.exists()


def test_constraints_hold_for_bulk_rows_too() -> None:
    cells = factories.project()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(
            Item, rows("a", fold="nowhere"), constants={"project_id": cells.pk, "received_at": THEN}
        )


def test_no_rows_are_no_statement(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert insert(Item, [], returning=("id",)) == []


def test_a_thousand_rows_are_one_statement(django_assert_num_queries) -> None:
    cells = factories.project()
    many = rows(*(f"item-{number}" for number in range(1000)))
    with django_assert_num_queries(1):
        insert(Item, many, constants={"project_id": cells.pk, "received_at": THEN})
    assert Item.objects.count() == 1000
