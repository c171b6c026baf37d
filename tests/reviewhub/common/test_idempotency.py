from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from django.db import connection

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.errors import Conflict
from reviewhub.common.idempotency import (
    IdempotencyInProgress,
    IdempotencyKeyInvalid,
    IdempotencyMismatch,
    digest,
    forget_expired,
    replay_or_run,
)
from reviewhub.common.models import AuditEntry, IdempotencyRecord
from tests.races import at_once

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = Actor(kind="key", id=1, name="ada")
BOB = Actor(kind="key", id=2, name="bob")
pytestmark = pytest.mark.both_databases


def effect(under_way: Callable[[], object] = lambda: None):
    audit.record(actor=ADA, action="effect", subject=("t", "1"), project_id=None, now=NOW)
    under_way()
    return 201, {"effects": AuditEntry.objects.count()}


def call(*, actor=ADA, key="k1", body=b"{}", now=NOW, run=effect, route="POST /x", final=True):
    return replay_or_run(
        actor=actor,
        route=route,
        key=key,
        body_digest=digest(body),
        now=now,
        run=run,
        final=final,
    )


@pytest.mark.django_db
def test_the_same_call_answers_the_same_and_does_nothing_again() -> None:
    assert call() == call() == (201, {"effects": 1})
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_that_holds_for_a_while_only_is_not_kept() -> None:
    assert call(final=False)[1] == {"effects": 1}
    assert not IdempotencyRecord.objects.exists()
    assert call()[1] == {"effects": 2}
    assert call(final=False)[1] == {"effects": 2}


@pytest.mark.django_db
def test_another_key_actor_or_route_is_another_call() -> None:
    call()
    assert call(key="k2")[1] == {"effects": 2}
    assert call(actor=BOB)[1] == {"effects": 3}
    assert call(route="POST /y")[1] == {"effects": 4}


@pytest.mark.django_db
def test_without_a_key_every_call_runs() -> None:
    assert call(key=None)[1] == {"effects": 1}
    assert call(key=None)[1] == {"effects": 2}
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db
def test_an_answer_is_forgotten_after_two_days() -> None:
    call()
    later = NOW + timedelta(days=3)
    assert call(now=later, body=b"other")[1] == {"effects": 2}
    assert forget_expired(now=later) == 0
    assert forget_expired(now=later + timedelta(days=3)) == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused() -> None:
    call()
    with pytest.raises(IdempotencyMismatch):
        call(body=b'{"other": 1}')


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a b", "ä", "k" * 121, "a\n"])
def test_a_key_that_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        call(key=key)


@pytest.mark.django_db
def test_a_call_that_fails_leaves_nothing_and_may_be_sent_again() -> None:
    def fail():
        effect()
        raise Conflict

    with pytest.raises(Conflict):
        call(run=fail)
    assert not AuditEntry.objects.exists()
    assert call()[1] == {"effects": 1}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_effect() -> None:
    refusing = connection.vendor == "postgresql"
    other_ended = Event()

    def under_way() -> None:
        if refusing:
            assert other_ended.wait(20)
        else:
            time.sleep(0.5)  # the other waits for the database's one writer, which is this one

    def slow():
        try:
            return call(run=lambda: effect(under_way))
        finally:
            other_ended.set()

    results = at_once(slow, slow)
    assert AuditEntry.objects.count() == 1
    answers = [result for result in results if not isinstance(result, Exception)]
    refused = [result for result in results if isinstance(result, Exception)]
    assert set(map(str, answers)) == {str((201, {"effects": 1}))}
    if refusing:
        assert [type(error) for error in refused] == [IdempotencyInProgress]
    else:
        assert not refused, refused
    assert call() == (201, {"effects": 1})
