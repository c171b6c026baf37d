"""What was approved since the last run is a counter: the overview reads no row of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from annotations.queries.learning import new_approvals
from reviewhub.common import tally
from reviewhub.common.models import Tally
from tests.factories import DEFECT, GOOD, present, project, reviewer
from tests.kinds import answered, queued_text, texts_project
from tests.training.actions.test_request_run_if_due import reviewed
from tests.training.builders import queued_run
from training.actions.claim_run import claim_run
from training.queries.overview import overview_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def rows_of_overview(of) -> tuple[int, list[str]]:
    """How many rows its queries fetch, and the queries."""
    asked: list[tuple[str, Any]] = []

    def listen(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        overview_of(of.pk)
    rows = 0
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(sql, params)
            rows += len(cursor.fetchall())
    return rows, [sql for sql, _ in asked]


def test_the_overview_reads_as_many_rows_after_twelve_approvals_as_after_two():
    cells = project()
    reviewed(cells, GOOD, DEFECT)
    tally.fold()
    few, _ = rows_of_overview(cells)
    reviewed(cells, *[GOOD] * 10)
    tally.fold()
    many, queries = rows_of_overview(cells)
    assert many == few
    assert not [sql for sql in queries if "annotations_annotation" in sql]
    assert overview_of(cells.pk).approved == 12


def test_where_nothing_learns_nothing_is_asked():
    mail = texts_project()
    person = reviewer(mail)
    answered(mail, queued_text(mail, "a text", label=GOOD), person, "confirm")
    assert overview_of(mail.pk).approved == 0
    _, queries = rows_of_overview(mail)
    assert not [sql for sql in queries if "common_tally" in sql]


def test_an_instance_from_before_the_counters_knows_what_its_last_run_was_offered():
    cells = project()
    reviewed(cells, GOOD, DEFECT, GOOD)
    claim_run(run_id=queued_run(cells).pk, worker="w", lease_seconds=60, now=present())
    reviewed(cells, GOOD)
    assert new_approvals(cells.pk) == 1
    Tally.objects.filter(name__startswith="level:").delete()
    for name in (
        "annotations.migrations.0017_count_what_is_approved",
        "training.migrations.0004_approvals_offered_to_the_last_run",
    ):
        import_module(name).count(apps, None)
    assert new_approvals(cells.pk) == 1
