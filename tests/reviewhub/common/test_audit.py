from __future__ import annotations

from datetime import UTC, datetime

import pytest
import structlog
from django.db import IntegrityError

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from reviewhub.common.models import AuditEntry, WorkerHeartbeat

NOW = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_tells_who_did_what_to_which_thing_and_in_which_request() -> None:
    beat = WorkerHeartbeat.objects.create(queue="fast", beat_at=NOW)
    with structlog.contextvars.bound_contextvars(request_id="from-outside-1"):
        audit.record(
            actor=Actor(kind="user", id=3, name="ada"),
            action="test.change",
            subject=beat,
            project_id=5,
            before={"queue": "fast"},
            after={"queue": "slow"},
            now=NOW,
        )
    entry = AuditEntry.objects.get()
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("user", 3, "ada")
    assert (entry.subject_type, entry.subject_id) == ("common.workerheartbeat", str(beat.pk))
    assert (entry.before, entry.after) == ({"queue": "fast"}, {"queue": "slow"})
    assert entry.request_id == "from-outside-1"
    assert entry.created_at == NOW


def test_only_the_system_acts_without_an_id() -> None:
    nobody = Actor(kind="user", id=None, name="nobody")
    with pytest.raises(IntegrityError, match="audit_only_the_system_has_no_id"):
        audit.record(actor=nobody, action="a", subject=("t", "1"), project_id=None, now=NOW)
