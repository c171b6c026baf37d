from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from annotations.models import User
from reviewhub.common import audit, outbox, webhooks
from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.models import AuditEntry, Delivery, WebhookEndpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("op"))
    return client


@pytest.fixture
def endpoint(settings) -> WebhookEndpoint:
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    return webhooks.register_endpoint(
        project_id=1, url="http://localhost:9/x", actor=Actor.system("t"), now=database_now()
    )


def test_every_record_can_be_read(operator, endpoint) -> None:
    audit.record(
        actor=Actor.system("t"),
        action="a",
        subject=("t", "1"),
        project_id=None,
        now=database_now(),
    )
    outbox.publish(project_id=1, type="run.finished", data={}, now=database_now())
    for model in (
        m for m in apps.get_app_config("common").get_models() if admin.site.is_registered(m)
    ):
        address = f"admin:common_{model._meta.model_name}"
        assert operator.get(reverse(f"{address}_changelist")).status_code == 200
        for row in model.objects.all():
            page = operator.get(reverse(f"{address}_change", args=[row.pk]))
            assert page.status_code == 200
            assert endpoint.secret not in page.content.decode()
    assert Delivery.objects.exists()


def test_no_record_can_be_changed_or_deleted(operator, endpoint) -> None:
    entry = AuditEntry.objects.get()
    for verb in ("change", "delete"):
        address = reverse(f"admin:common_auditentry_{verb}", args=[entry.pk])
        assert operator.post(address, {"action": "b", "post": "yes"}).status_code == 403
    assert operator.get(reverse("admin:common_auditentry_add")).status_code == 403


def test_an_operator_switches_an_endpoint_off_and_that_is_audited(operator, endpoint) -> None:
    operator.post(
        reverse("admin:common_webhookendpoint_changelist"),
        {"action": "switch_off", "_selected_action": [endpoint.pk]},
    )
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is not None
    assert AuditEntry.objects.latest("id").actor_name == "op"
