"""What is rare is found in a list of any length, and each page reads no more than it may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from django.db import connection

from annotations.actions.submit_predictions import IncomingPrediction
from annotations.domain.routing import Rules
from annotations.models import Item, Prediction, Project
from annotations.queries.items import ItemFilter, items_page
from annotations.queries.prediction_list import PredictionFilter, predictions_page
from reviewhub.common.cursor import Cursor, Slice
from tests.factories import DEFECT, GOOD, incoming, lead, submit
from tests.kinds import texts_project
from tests.pages import page

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
PageOf = Callable[[Cursor], Slice]
FEW, RARE = 5, 7
TABLES = ", ".join(
    f"annotations_{name}"
    for name in [
        "item",
        "itemcontent",
        "prediction",
        "route",
        "queueentry",
        "annotation",
        "withdrawal",
    ]
)


@pytest.fixture(autouse=True)
def looks_at_five_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewhub.common.cursor.LOOKED_THROUGH", FEW)
    monkeypatch.setattr("annotations.queries.items.FEW", FEW)


def mails(of: Project, start: int, number: int) -> None:
    """Of each seven one is rare in every respect: its label, its model, what becomes of it."""
    submit(of, *(mail(each) for each in range(start, start + number)))


TEXT = {"probabilities": {"label": GOOD, "confidence": 0.99}, "image": None, "text": "Hello"}


def mail(number: int) -> IncomingPrediction:
    rare = number % RARE == 3
    return incoming(
        f"{'rare' if rare else 'mail'}-{number:04}",
        predictor="other" if rare else "triage",
        probabilities={"label": DEFECT if rare else GOOD, "confidence": 0.6 if rare else 0.99},
        image=None,
        text=f"Mail {number}",
    )


@pytest.fixture
def inbox() -> Project:
    project = texts_project(rules=Rules(low_confidence=0.7, audit_rate=1e-6))
    mails(project, 0, 40)
    return project


def predictions(of: Project, **wanted: str) -> PageOf:
    return lambda cursor: predictions_page(of.pk, PredictionFilter(**wanted), cursor, 2)


def items(of: Project, **wanted: str) -> PageOf:
    return lambda cursor: items_page(of.pk, ItemFilter(**wanted), cursor, 2)


SOUGHT = {
    "label": lambda of: predictions(of, label="defect"),
    "predictor": lambda of: predictions(of, predictor="other"),
    "outcome": lambda of: predictions(of, outcome="queued"),
    "label and outcome": lambda of: predictions(of, label="defect", outcome="queued"),
    "state": lambda of: items(of, state="awaiting_review"),
    "name": lambda of: items(of, external_id="rare"),
}


def walk(page_of: PageOf, cursor: Cursor | None, way: str) -> Iterator[Slice]:
    while cursor is not None:
        part = page_of(cursor)
        yield part
        cursor = getattr(part, way)


def name_of(row: Item | Prediction) -> str:
    return row.item.external_id if isinstance(row, Prediction) else row.external_id


@pytest.mark.parametrize("sought", SOUGHT)
def test_all_that_is_rare_is_found_once_there_and_back(inbox, sought) -> None:
    page_of = SOUGHT[sought](inbox)
    there = list(walk(page_of, Cursor(), "older"))
    expected = [f"rare-{number:04}" for number in range(38, -1, -RARE)]
    assert [name_of(row) for part in there for row in part.rows] == expected
    back = [part.rows[::-1] for part in walk(page_of, there[-1].newer, "newer")]
    returned = [name_of(row) for rows in back for row in rows]
    assert returned == [name for name in reversed(expected) if name in returned]
    assert set(expected) - set(returned) <= {name_of(row) for row in there[-1].rows}


@pytest.mark.parametrize("sought", SOUGHT)
def test_a_page_that_was_not_filled_says_what_was_looked_through(inbox, sought) -> None:
    pages = list(walk(SOUGHT[sought](inbox), Cursor(), "older"))
    for part, following in pairwise([*pages, None]):
        short = len(part.rows) < 2 and following is not None
        assert part.looked_through == (FEW if short else None)


def test_nothing_found_is_the_end_of_a_short_list_and_a_step_in_a_long_one(inbox) -> None:
    page_of = predictions(inbox, label="nothing")
    pages = list(walk(page_of, Cursor(), "older"))
    assert [list(part.rows) for part in pages] == [[]] * len(pages)
    assert len(pages) == 40 / FEW + 1
    again = page_of(pages[1].newer)
    assert again.newer is None or page_of(again.newer).newer is None


def test_names_that_few_bear_are_gathered_from_everywhere(inbox) -> None:
    """The oldest of forty is on the first page, though five are looked through."""
    first = items(inbox, external_id="mail-0000")(Cursor())
    assert [name_of(row) for row in first.rows] == ["mail-0000"]
    assert (first.older, first.looked_through) == (None, None)
    assert items(inbox, external_id="MAIL-0000")(Cursor()).rows == []
    assert items(inbox, external_id="mail_")(Cursor()).rows == []


def test_a_whole_name_is_found_though_many_begin_so(inbox) -> None:
    submit(inbox, *(incoming(f"{name}", **TEXT) for name in ("m", "mail-", "z")))
    for name in ("m", "mail-"):
        assert [name_of(row) for row in items(inbox, external_id=name)(Cursor()).rows] == [name]


def test_the_page_tells_what_was_looked_through(inbox, client) -> None:
    client.force_login(lead(inbox))
    text = page(client, "annotations:items", inbox, state="withdrawn")
    assert "5 rows looked through, more lie beyond" in text
    assert 'rel="next"' in text


@pytest.mark.parametrize("sought", [*SOUGHT, "nothing", "one name"])
def test_a_page_reads_as_much_of_a_long_list_as_of_a_short_one(inbox, sought) -> None:
    more = {
        "nothing": lambda of: predictions(of, label="nothing"),
        "one name": lambda of: items(of, external_id="mail-0001"),
    }
    page_of = {**SOUGHT, **more}[sought](inbox)
    few = work_of(lambda: page_of(Cursor()))
    mails(inbox, 42, 490)
    assert work_of(lambda: page_of(Cursor())) <= 1.5 * few


def work_of(look: Callable[[], Slice]) -> int:
    """Rows read by PostgreSQL, steps taken by SQLite's machine."""
    look()
    return _rows_read(look) if connection.vendor == "postgresql" else _steps(look)


def _steps(look: Callable[[], Slice]) -> int:
    steps = [0]

    def count() -> int:
        steps[0] += 1
        return 0

    connection.connection.set_progress_handler(count, 10)
    look()
    connection.connection.set_progress_handler(None, 0)
    return steps[0]


def _rows_read(look: Callable[[], Slice]) -> int:
    with connection.cursor() as cursor:
        # So few rows are read whole where that may be; at a million it may not.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"ANALYZE {TABLES}")
        before = _counted(cursor)
        look()
        return _counted(cursor) - before


def _counted(cursor) -> int:
    cursor.execute(
        "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) "
        "FROM pg_stat_xact_user_tables WHERE relname LIKE 'annotations_%%'",
        [],
    )
    return int(cursor.fetchone()[0])
