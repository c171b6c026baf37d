from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from reviewhub.common.models import OutboxEvent, WebhookEndpoint
from reviewhub.common.webhooks.message import (
    body_of,
    headers_of,
    new_secret,
    read_retry_after,
    secrets_of,
)
from reviewhub.common.webhooks.schedule import WAITS, next_attempt_at

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def wait(attempts: int, *, jitter: float = 0.0, retry_after: timedelta | None = None):
    moment = next_attempt_at(attempts=attempts, ended=NOW, retry_after=retry_after, jitter=jitter)
    return moment and (moment - NOW).total_seconds()


def test_waits_as_the_schedule_says_and_then_gives_up() -> None:
    hours = [2, 5, 10, 14, 20, 24]
    expected = [5, 300, 1800, *(hour * 3600 for hour in hours), None]
    assert [wait(attempts) for attempts in range(1, len(WAITS) + 1)] == expected


def test_jitter_stretches_and_never_shortens() -> None:
    assert wait(2, jitter=0.5) == 315
    assert wait(2, jitter=0.999) < 330


def test_retry_after_is_honoured_up_to_a_day() -> None:
    assert wait(1, retry_after=timedelta(minutes=2)) == 120
    assert wait(3, retry_after=timedelta(seconds=1)) == 1800
    assert wait(1, retry_after=timedelta(days=90)) == 86400


def test_reads_retry_after_in_seconds_and_as_a_date() -> None:
    assert read_retry_after("90", now=NOW) == timedelta(seconds=90)
    date = "Thu, 01 Jan 2026 12:01:00 GMT"
    assert read_retry_after(date, now=NOW) == timedelta(minutes=1)
    for nonsense in ("", "soon", "-5", "9" * 30):
        assert read_retry_after(nonsense, now=NOW) is None


def event() -> OutboxEvent:
    return OutboxEvent(project_id=1, type="model.promoted", data={"ä": 1}, created_at=NOW)


def test_a_message_is_verified_by_the_reference_library_during_a_rotation_by_both_secrets() -> None:
    now = datetime.now(UTC)
    old, new, sent = new_secret(), new_secret(), event()
    endpoint = WebhookEndpoint(
        secret=new, previous_secret=old, previous_secret_until=now + timedelta(hours=1)
    )
    body = body_of(sent)
    headers = headers_of(sent, body, signed_with=secrets_of(endpoint, now=now), now=now)
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["data"] == {"ä": 1}
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.replace(b"1", b"2"), headers)
    assert secrets_of(endpoint, now=now + timedelta(hours=2)) == [new]
