from __future__ import annotations

import pytest

from reviewhub.common import outbox, webhooks
from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.models import Delivery
from tests.reviewhub.common.webhooks.receiver import Receiver

LEAD = Actor(kind="user", id=1, name="lead")


@pytest.fixture
def receiver(settings):
    settings.REVIEWHUB_WEBHOOK_ALLOWED_HOSTS = ["localhost"]
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def endpoint(receiver):
    return webhooks.register_endpoint(
        project_id=1, url=receiver.url, actor=LEAD, now=database_now()
    )


@pytest.fixture
def delivery(endpoint) -> Delivery:
    """One event that is due for one endpoint."""
    now = database_now()
    outbox.publish(project_id=1, type="model.promoted", data={"model": 3}, now=now)
    return Delivery.objects.get()
