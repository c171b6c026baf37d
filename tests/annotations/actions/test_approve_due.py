"""What the periodic approval reads where the queue is long, by the plans of SQLite."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.actions.approve_due import approve_due
from annotations.domain.reviewing import ReviewSpec
from annotations.models import QueueEntry
from tests.factories import GOOD, present, project, queued, reviewer
from tests.kinds import answered

pytestmark = pytest.mark.django_db


def test_entries_are_found_by_index_and_never_by_reading_them_all() -> None:
    cells = project(review=ReviewSpec(grace_seconds=1, blind_share=0.0))
    answered(cells, queued(cells), reviewer(cells), "label", label_key=GOOD)
    QueueEntry.objects.update(state_changed_at=present().replace(year=2020))
    with CaptureQueriesContext(connection) as captured:
        assert approve_due(now=present()) == 1
    asked = [each["sql"] for each in captured if each["sql"].startswith("SELECT")]
    with connection.cursor() as cursor:
        plans = [
            line[3]
            for sql in asked
            for line in cursor.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
        ]
    read = [line for line in plans if "annotations_queueentry" in line]
    assert read
    assert not [line for line in read if line.startswith("SCAN")], plans
