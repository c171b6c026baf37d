from __future__ import annotations

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from structlog.testing import capture_logs

from reviewhub.common.separately import separately


def dies(of: Exception):
    def part() -> int:
        raise of

    return part


def test_each_part_is_told_by_its_name() -> None:
    assert separately({"one": lambda: 1, "two": lambda: 2}) == {"one": 1, "two": 2}


def test_a_part_that_fails_stops_no_other_and_is_named_and_not_forgotten() -> None:
    done: list[str] = []
    work = {
        "first": dies(LookupError("a name")),
        "second": lambda: done.append("second") or 0,
        "third": dies(ValueError("a number")),
        "fourth": lambda: done.append("fourth") or 0,
    }
    with capture_logs() as logs, pytest.raises(ExceptionGroup, match="first, third") as failed:
        separately(work)
    assert done == ["second", "fourth"]
    assert [type(each) for each in failed.value.exceptions] == [LookupError, ValueError]
    assert [each["part"] for each in logs] == ["first", "third"]
    assert all(each["exc_info"] for each in logs)


def test_the_end_of_a_tasks_time_ends_all_of_it() -> None:
    done: list[str] = []
    work = {"first": dies(SoftTimeLimitExceeded()), "second": lambda: done.append("second") or 0}
    with pytest.raises(SoftTimeLimitExceeded):
        separately(work)
    assert done == []
