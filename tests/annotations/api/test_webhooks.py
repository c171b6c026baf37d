"""Webhooks and deliveries by API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotations.models import Verb
from reviewhub.common import outbox
from reviewhub.common.models import Delivery, WebhookEndpoint
from reviewhub.common.webhooks import deliver
from tests import factories
from tests.factories import bearer, present

pytestmark = pytest.mark.django_db
PATH = "/api/v1/projects/cells"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def loopback(settings):
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1:9", "127.0.0.1:10"]


@pytest.fixture
def cells():
    return factories.project("cells")


@pytest.fixture
def headers(cells):
    return bearer(factories.api_key(cells, Verb.WEBHOOKS)[1])


def register(client, headers, **fields):
    return client.post(
        f"{PATH}/webhooks",
        {"url": URL, **fields},
        content_type="application/json",
        headers=headers,
    )


def publish(project) -> Delivery:
    with transaction.atomic():
        outbox.publish(project_id=project.pk, type="model.promoted", data={}, now=present())
    return Delivery.objects.latest("pk")


def test_a_webhooks_secret_is_told_once(client, headers) -> None:
    answer = register(client, headers, events=["model.promoted"])
    assert answer.status_code == 201
    assert answer.json()["secret"].startswith("whsec_")
    (listed,) = client.get(f"{PATH}/webhooks", headers=headers).json()["webhooks"]
    assert listed["uid"] == answer.json()["uid"]
    assert "secret" not in listed


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"url": "http://169.254.169.254/"}, 422, "webhook_target_refused"),
        ({"url": "ftp://example.org/"}, 422, "webhook_target_refused"),
        ({"url": "nonsense"}, 422, "webhook_target_refused"),
        ({"events": ["model.exploded"]}, 422, "unknown_event"),
        ({"events": []}, 422, "invalid_input"),
        ({"surprise": 1}, 422, "invalid_input"),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(client, headers, fields, status, code) -> None:
    answer = register(client, headers, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not WebhookEndpoint.objects.exists()


def test_an_address_is_registered_once(client, headers) -> None:
    register(client, headers)
    assert register(client, headers).status_code == 409


def test_a_webhook_is_pinged_and_removed(client, headers) -> None:
    uid = register(client, headers).json()["uid"]
    ping = client.post(f"{PATH}/webhooks/{uid}:ping", headers=headers)
    assert (ping.status_code, ping.json()["type"]) == (202, "webhook.ping")
    assert client.delete(f"{PATH}/webhooks/{uid}", headers=headers).status_code == 204
    assert client.delete(f"{PATH}/webhooks/{uid}", headers=headers).status_code == 204
    assert client.get(f"{PATH}/webhooks", headers=headers).json() == {"webhooks": []}
    again = client.post(f"{PATH}/webhooks/{uid}:ping", headers=headers)
    assert again.status_code == 409


def test_a_delivery_is_begun_again_once_it_has_ended(client, cells, headers) -> None:
    register(client, headers)
    delivery = publish(cells)
    path = f"{PATH}/deliveries/{delivery.uid}:redeliver"
    assert client.post(path, headers=headers).json()["code"] == "delivery_in_progress"
    Delivery.objects.update(state="failed", next_attempt_at=None, ended_at=present())
    answer = client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")


def test_another_projects_webhooks_and_deliveries_do_not_exist_here(client, cells) -> None:
    other = factories.project("other")
    theirs = bearer(factories.api_key(other, Verb.WEBHOOKS)[1])
    mine = bearer(factories.api_key(cells, Verb.WEBHOOKS)[1])
    uid = register(client, mine).json()["uid"]
    delivery = publish(cells)
    base = "/api/v1/projects/other"
    for method, path, code in (
        (client.delete, f"{base}/webhooks/{uid}", "unknown_endpoint"),
        (client.post, f"{base}/webhooks/{uid}:ping", "unknown_endpoint"),
        (client.post, f"{base}/deliveries/{delivery.uid}:redeliver", "unknown_delivery"),
        (client.post, f"{base}/deliveries/{uuid4()}:redeliver", "unknown_delivery"),
    ):
        answer = method(path, headers=theirs)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    assert client.get(f"{base}/deliveries", headers=theirs).json()["deliveries"] == []


def test_deliveries_are_listed_newest_first_in_pages(client, cells, headers) -> None:
    register(client, headers)
    deliveries = [publish(cells) for _ in range(60)]
    first = client.get(f"{PATH}/deliveries", headers=headers).json()
    second = client.get(first["older"], headers=headers).json()
    listed = [each["uid"] for each in [*first["deliveries"], *second["deliveries"]]]
    assert listed == [str(delivery.uid) for delivery in reversed(deliveries)]
    assert (first["newer"], second["older"]) == (None, None)


def test_what_came_of_each_attempt_is_listed(client, cells, headers) -> None:
    register(client, headers)
    deliver(delivery_id=publish(cells).pk, now=present(), jitter=0.0)
    (told,) = client.get(f"{PATH}/deliveries", headers=headers).json()["deliveries"]
    assert (told["state"], told["type"]) == ("pending", "model.promoted")
    (attempt,) = told["attempts"]
    assert attempt["status"] is None
    assert attempt["error"]


def test_a_longer_list_needs_no_more_queries(client, cells, headers) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"{PATH}/deliveries", headers=headers)
        return len(captured)

    register(client, headers)
    for _ in range(10):
        publish(cells)
    queries()
    few = queries()
    for _ in range(10):
        publish(cells)
    assert queries() == few
