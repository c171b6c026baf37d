from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.ids import uuid7


def test_ids_are_version_7_and_carry_the_time() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    milliseconds = made.int >> 80
    assert abs(milliseconds / 1000 - datetime.now(UTC).timestamp()) < 5


def test_ids_of_one_process_are_in_order_and_differ() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_made_at_once_differ() -> None:
    made: list[object] = []
    threads = [
        threading.Thread(target=lambda: made.extend(uuid7() for _ in range(2000))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_clock_is_aware_utc_and_moves_inside_a_transaction() -> None:
    first = database_now()
    assert first.tzinfo is UTC
    assert abs(first - datetime.now(UTC)) < timedelta(seconds=5)
    while database_now() == first:
        pass
    assert database_now() > first


def test_an_actor_has_one_short_key() -> None:
    assert Actor(kind="user", id=7, name="ada").key == "user:7"
    assert Actor.system("sweeper").key == "system:sweeper"
