from __future__ import annotations

import socket
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError
from standardwebhooks import Webhook

from reviewhub.common import webhooks
from reviewhub.common.clock import database_now
from reviewhub.common.models import Delivery, DeliveryAttempt, DeliveryState, WebhookEndpoint
from reviewhub.common.webhooks import delivering
from reviewhub.common.webhooks.errors import DeliveryInProgress, EndpointDisabled
from reviewhub.common.webhooks.schedule import WAITS
from tests.races import at_once
from tests.reviewhub.common.webhooks.conftest import LEAD

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def deliver(delivery: Delivery, *, now=None, jitter: float = 0.0):
    return webhooks.deliver(delivery_id=delivery.pk, now=now or database_now(), jitter=jitter)


def test_the_reference_library_verifies_what_arrives(receiver, endpoint, delivery) -> None:
    assert deliver(delivery).accepted
    ((path, headers, body),) = receiver.received
    message = Webhook(endpoint.secret).verify(body, headers)
    assert message["type"] == "model.promoted"
    assert message["data"] == {"model": 3}
    assert message["timestamp"].endswith("Z")
    assert headers["webhook-id"] == str(delivery.event.uid)
    assert headers["Host"] == f"localhost:{receiver.port}"
    assert path == "/hooks?from=hub"
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SUCCEEDED
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.status, attempt.answer, attempt.error) == (200, "thanks", "")


def test_what_was_delivered_is_not_sent_again(receiver, delivery) -> None:
    deliver(delivery)
    assert deliver(delivery) is None
    assert len(receiver.received) == 1


def test_a_refusal_is_tried_again_on_schedule_and_given_up_at_its_end(receiver, delivery) -> None:
    receiver.status, receiver.answer = 500, b"x" * 5000
    now = database_now()
    for wait in WAITS[1:]:
        deliver(delivery, now=now)
        delivery.refresh_from_db()
        assert delivery.state == DeliveryState.PENDING
        pause = (delivery.next_attempt_at - now).total_seconds()
        assert wait <= pause < wait + 5
        assert deliver(delivery, now=now) is None, "too early"
        now = delivery.next_attempt_at
    deliver(delivery, now=now)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert len(receiver.received) == len(WAITS) == DeliveryAttempt.objects.count()
    assert len({headers["webhook-id"] for _, headers, _ in receiver.received}) == 1
    assert len(DeliveryAttempt.objects.first().answer) == 1000


def test_retry_after_of_the_receiver_is_honoured(receiver, delivery) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "120"}
    now = database_now()
    deliver(delivery, now=now)
    delivery.refresh_from_db()
    assert (delivery.next_attempt_at - now).total_seconds() >= 120


def test_410_switches_the_endpoint_off(receiver, endpoint, delivery) -> None:
    receiver.status = 410
    deliver(delivery)
    delivery.refresh_from_db()
    endpoint.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert "410" in endpoint.disabled_reason


def test_a_redirect_is_not_followed(receiver, delivery) -> None:
    receiver.status, receiver.headers = 302, {"Location": f"{receiver.url}/elsewhere"}
    deliver(delivery)
    assert DeliveryAttempt.objects.get().status == 302
    assert len(receiver.received) == 1
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING


def test_nobody_at_the_address_is_an_error_and_tried_again(receiver, delivery) -> None:
    receiver.server.shutdown()
    receiver.server.server_close()
    assert "Refused" in deliver(delivery).error
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING


@pytest.mark.parametrize("fault", [{"delay": 90.0}, {"drip": 0.3}])
def test_a_slow_receiver_is_cut_off(receiver, delivery, monkeypatch, fault) -> None:
    monkeypatch.setattr(delivering, "SECONDS", 1.0)
    receiver.answer = b"slow" * 100  # two minutes of drops
    for name, value in fault.items():
        setattr(receiver, name, value)
    began = time.monotonic()
    deliver(delivery)
    assert time.monotonic() - began < 30


def test_an_address_that_has_become_private_is_not_called(receiver, delivery, settings) -> None:
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = []
    outcome = deliver(delivery)
    assert outcome.status is None
    assert "https" in outcome.error
    assert receiver.received == []


def test_the_address_that_was_checked_is_the_one_that_is_called(
    receiver, delivery, monkeypatch
) -> None:
    """A name that answers otherwise the second time must not be asked a second time."""
    asked = []
    real = socket.getaddrinfo

    def rebinding(host, port, *args, **kwargs):
        asked.append(host)
        if host == "localhost" and asked.count("localhost") > 1:
            return real("192.0.2.1", port, *args, **kwargs)
        return real("127.0.0.1" if host == "localhost" else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert deliver(delivery).accepted
    assert asked.count("localhost") == 1


def test_what_waits_for_a_disabled_endpoint_fails_unsent(receiver, endpoint, delivery) -> None:
    webhooks.disable_endpoint(endpoint=endpoint, reason="moved", actor=LEAD, now=database_now())
    deliver(delivery)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.FAILED
    assert receiver.received == []
    with pytest.raises(EndpointDisabled):
        webhooks.redeliver(delivery=delivery, actor=LEAD, now=database_now())


def test_an_ended_delivery_can_be_begun_again(receiver, delivery) -> None:
    deliver(delivery)
    again = webhooks.redeliver(delivery=delivery, actor=LEAD, now=database_now())
    assert (again.state, again.round) == (DeliveryState.PENDING, 0)
    assert deliver(again).accepted
    assert len(receiver.received) == 2
    assert DeliveryAttempt.objects.count() == 2


def test_a_delivery_that_has_not_ended_is_not_begun_again(delivery) -> None:
    with pytest.raises(DeliveryInProgress):
        webhooks.redeliver(delivery=delivery, actor=LEAD, now=database_now())


def test_the_reconciler_finds_what_is_due_and_what_a_dead_worker_held(
    delivery, django_capture_on_commit_callbacks
) -> None:
    now = database_now()
    assert reconciled(now, django_capture_on_commit_callbacks) == 1
    fence = delivering._claim(delivery.pk, now)
    assert reconciled(now, django_capture_on_commit_callbacks) == 0
    later = now + delivering.LEASE + timedelta(seconds=1)
    assert reconciled(later, django_capture_on_commit_callbacks) == 1
    assert deliver(delivery, now=later).accepted
    assert DeliveryAttempt.objects.get().fence == fence + 1


def reconciled(now, capture) -> int:
    with capture() as callbacks:
        count = webhooks.reconcile_deliveries(now=now)
    assert len(callbacks) == count
    return count


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_once(receiver, delivery) -> None:
    receiver.delay = 0.3
    now = database_now()
    results = at_once(*[lambda: deliver(delivery, now=now)] * 2)
    assert not [result for result in results if isinstance(result, Exception)], results
    assert [result is None for result in results].count(True) == 1
    assert len(receiver.received) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_writes_nothing(receiver, delivery, monkeypatch) -> None:
    now = database_now()
    real = delivering.post

    def overtaken(*args, **kwargs):
        later = now + delivering.LEASE + timedelta(seconds=1)
        monkeypatch.setattr(delivering, "post", real)
        assert deliver(delivery, now=later).accepted
        receiver.status = 500
        return real(*args, **kwargs)

    monkeypatch.setattr(delivering, "post", overtaken)
    assert deliver(delivery, now=now) is None
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.SUCCEEDED
    assert [attempt.status for attempt in DeliveryAttempt.objects.all()] == [200]


def test_the_database_refuses_a_state_that_its_times_contradict(delivery) -> None:
    with pytest.raises(IntegrityError, match="delivery_state_is_told_by_its_times"):
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SUCCEEDED)


def test_the_database_refuses_a_second_delivery_of_one_event(delivery) -> None:
    with pytest.raises(IntegrityError):
        Delivery.objects.create(
            event=delivery.event,
            endpoint=WebhookEndpoint.objects.get(),
            next_attempt_at=database_now(),
            created_at=database_now(),
        )
