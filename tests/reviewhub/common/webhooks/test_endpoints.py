from __future__ import annotations

import pytest

from reviewhub.common import outbox, webhooks
from reviewhub.common.clock import database_now
from reviewhub.common.models import AuditEntry, Delivery, OutboxEvent, WebhookEndpoint
from reviewhub.common.webhooks.errors import (
    EndpointDisabled,
    EndpointExists,
    TargetRefused,
    UnknownEvent,
)
from tests.reviewhub.common.webhooks.conftest import LEAD

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def register(url: str, **others):
    given = {"project_id": 1, "actor": LEAD, "now": database_now()} | others
    return webhooks.register_endpoint(url=url, **given)


def publish(type: str = "model.promoted", project_id: int = 1) -> None:
    outbox.publish(project_id=project_id, type=type, data={}, now=database_now())


def test_an_event_begins_one_delivery_per_endpoint_that_wants_it(receiver) -> None:
    everything = register(receiver.url)
    models = register(receiver.url + "&m=1", events=["model.promoted", "model.rolled_back"])
    register(receiver.url, project_id=2)
    publish()
    publish("run.finished")
    assert OutboxEvent.objects.count() == 2
    told = Delivery.objects.values_list("endpoint", "event__type").order_by("id")
    assert list(told) == [
        (everything.pk, "model.promoted"),
        (models.pk, "model.promoted"),
        (everything.pk, "run.finished"),
    ]


def test_registering_is_audited_and_gives_a_secret(endpoint) -> None:
    assert endpoint.secret.startswith("whsec_")
    entry = AuditEntry.objects.get()
    assert entry.action == "webhooks.register"
    assert endpoint.secret not in str(entry.after)


def test_rotating_keeps_the_old_secret_for_a_day(endpoint) -> None:
    now = database_now()
    rotated = webhooks.rotate_secret(endpoint=endpoint, actor=LEAD, now=now)
    assert rotated.secret != endpoint.secret
    assert rotated.previous_secret == endpoint.secret
    assert (rotated.previous_secret_until - now).total_seconds() == 86400


def test_a_ping_is_sent_whatever_was_subscribed(receiver) -> None:
    endpoint = register(receiver.url, events=["run.finished"])
    delivery = webhooks.ping_endpoint(endpoint=endpoint, actor=LEAD, now=database_now())
    assert delivery.event.type == "webhook.ping"


def test_a_disabled_endpoint_is_told_nothing_and_its_address_is_free_again(endpoint) -> None:
    now = database_now()
    assert webhooks.disable_endpoint(endpoint=endpoint, reason="moved", actor=LEAD, now=now)
    assert not webhooks.disable_endpoint(endpoint=endpoint, reason="again", actor=LEAD, now=now)
    publish()
    assert not Delivery.objects.exists()
    for act in (webhooks.ping_endpoint, webhooks.rotate_secret):
        with pytest.raises(EndpointDisabled):
            act(endpoint=endpoint, actor=LEAD, now=now)
    register(endpoint.url)


def test_the_same_address_twice_is_refused(endpoint) -> None:
    with pytest.raises(EndpointExists):
        register(endpoint.url)
    assert WebhookEndpoint.objects.count() == 1


def test_a_private_address_that_is_not_listed_is_refused(receiver, settings) -> None:
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = []
    with pytest.raises(TargetRefused):
        register(receiver.url)


@pytest.mark.parametrize("events", [[], ["model.eaten"], ["*", "x"]])
def test_events_that_do_not_exist_are_refused(receiver, events) -> None:
    with pytest.raises(UnknownEvent):
        register(receiver.url, events=events)


def test_publishing_an_unknown_event_is_a_bug() -> None:
    with pytest.raises(ValueError, match=r"model\.eaten"):
        publish("model.eaten")
