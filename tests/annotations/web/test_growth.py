"""Pages cost the same number of queries at any size, and count nothing that grows."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.domain.reviewing import ReviewSpec
from reviewhub.common.ids import uuid7
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
GROWING = "item itemcontent prediction route queueentry review annotation approval storedimage"
PAGES = {
    "overview": ("training:overview", ""),
    "queue": ("annotations:queue", ""),
    "settled": ("annotations:queue", "?state=awaiting_approval"),
    "items": ("annotations:items", ""),
    "audit": ("annotations:audit", ""),
    "review": ("annotations:review", ""),
}


@pytest.fixture
def cells():
    return factories.project(review=ReviewSpec(grace_seconds=3600, blind_share=0.0))


@pytest.fixture
def desk(cells):
    client = Client()
    client.force_login(factories.lead(cells))
    return client


def test_every_page_asks_as_often_at_ten_rows_as_at_a_hundred(cells, desk):
    _fill(cells, 10)
    few = {name: len(_asked(desk, cells, name)) for name in PAGES}
    _fill(cells, 100)
    assert {name: len(_asked(desk, cells, name)) for name in PAGES} == few


@pytest.mark.parametrize("name", PAGES)
def test_no_page_counts_the_rows_of_what_grows(cells, desk, name):
    _fill(cells, 5)
    counted = re.compile(rf'COUNT\(.*FROM "?annotations_({"|".join(GROWING.split())})\b', re.DOTALL)
    found = [sql for sql in _asked(desk, cells, name) if counted.search(sql)]
    assert found == []


def test_my_projects_count_nothing_either(cells, desk):
    _fill(cells, 5)
    with CaptureQueriesContext(connection) as captured:
        text = desk.get(reverse("annotations:projects")).content.decode()
    assert "3" in text
    assert not [query for query in captured if "queueentry" in query["sql"]]


def _asked(client: Client, cells, name: str) -> list[str]:
    """The SQL of one page, once everything that is remembered has been read."""
    view, query = PAGES[name]
    url = reverse(view, args=[cells.slug]) + query
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return [query["sql"] for query in captured]


def _fill(cells, number: int) -> None:
    """So many entries, of which two are answered."""
    batch = [factories.incoming(confidence=0.6, seed=seed % 3) for seed in range(number)]
    factories.submit(cells, *batch)
    rita = factories.reviewer(cells)
    for _ in range(2):
        lease = claim_next(project=cells, reviewer=rita, now=factories.present())
        submit_review(
            project=cells,
            entry_uid=lease.entry.uid,
            reviewer=rita,
            verdict="confirm",
            token=uuid7(),
            seconds=2.0,
            now=factories.present(),
        )
