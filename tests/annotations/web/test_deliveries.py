from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from reviewhub.common.models import AuditEntry, WebhookEndpoint
from reviewhub.common.webhooks.schedule import WAITS
from tests.factories import lead, present, project, reviewer
from tests.pages import page, queries_of
from tests.world import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cells():
    return project()


@pytest.fixture
def desk(client, cells):
    client.force_login(lead(cells))
    return client


def again(of, delivery) -> str:
    return reverse("annotations:redeliver", args=[of.slug, delivery.uid])


def test_each_delivery_tells_its_attempts(desk, cells):
    done, failed, waiting, sending = deliveries(cells, "succeeded", "failed", "pending", "sending")

    text = page(desk, "annotations:deliveries", cells)

    assert "answered 204, 37 ms" in text
    assert "Connection refused, 37 ms" in text
    assert again(cells, failed) in text
    assert again(cells, done) in text
    assert again(cells, waiting) not in text
    assert again(cells, sending) not in text


def test_the_page_says_for_how_long_a_failed_delivery_is_tried_again(desk, cells):
    assert "tried again for three days" in page(desk, "annotations:deliveries", cells)
    assert round(sum(WAITS) / 86_400) == 3


def test_a_failed_delivery_is_sent_again_by_one_button(desk, cells):
    (failed,) = deliveries(cells, "failed")

    response = desk.post(again(cells, failed), follow=True)

    failed.refresh_from_db()
    assert (failed.state, failed.round) == ("pending", 0)
    assert "is being sent again" in response.content.decode()
    assert AuditEntry.objects.filter(action="webhooks.redeliver").exists()


def test_one_that_is_under_way_is_left_alone(desk, cells):
    (sending,) = deliveries(cells, "sending")
    response = desk.post(again(cells, sending), follow=True)
    sending.refresh_from_db()
    assert sending.state == "sending"
    assert 'role="alert"' in response.content.decode()


def test_nothing_is_sent_to_a_webhook_that_is_switched_off(desk, cells):
    (failed,) = deliveries(cells, "failed")
    WebhookEndpoint.objects.update(disabled_at=present(), disabled_reason="gone")

    assert again(cells, failed) not in page(desk, "annotations:deliveries", cells)
    desk.post(again(cells, failed))

    failed.refresh_from_db()
    assert failed.state == "failed"


def test_deliveries_of_another_project_are_not_there(desk, cells):
    (elsewhere,) = deliveries(project(), "failed")
    assert desk.post(again(cells, elsewhere)).status_code == 404


def test_reviewers_and_forged_forms_are_refused(cells):
    (failed,) = deliveries(cells, "failed")
    rita = Client()
    rita.force_login(reviewer(cells))
    assert rita.post(again(cells, failed)).status_code == 403
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(lead(cells))
    assert forged.post(again(cells, failed)).status_code == 403
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_a_long_list_costs_the_same(desk, cells):
    address = reverse("annotations:deliveries", args=[cells.slug])
    deliveries(cells, *["failed"] * 10)
    short = queries_of(desk, address)
    deliveries(cells, *["failed"] * 90)
    assert queries_of(desk, address) == short
