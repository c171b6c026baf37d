from __future__ import annotations

from datetime import timedelta

import pytest

from reviewhub.common import tally, webhooks
from reviewhub.common.models import IdempotencyRecord, Tally
from reviewhub.common.tasks import reconcile
from tests.factories import present, project

pytestmark = pytest.mark.django_db


def test_a_part_of_the_reconciler_that_fails_stops_no_other(monkeypatch) -> None:
    cells, long_ago = project(), present() - timedelta(days=9)
    for _ in range(2):
        tally.add(cells.pk, tally.NO_DAY, {"level:tests": 1})
    IdempotencyRecord.objects.create(
        actor="tests",
        route="predictions",
        key="old",
        body_digest="",
        status=200,
        packed=b"",
        created_at=long_ago,
        expires_at=long_ago + timedelta(days=1),
    )

    def fail(*, now: object) -> int:
        raise RuntimeError("no delivery can be read")

    monkeypatch.setattr(webhooks, "reconcile_deliveries", fail)
    with pytest.raises(ExceptionGroup, match="failed: deliveries"):
        reconcile.run()
    assert not IdempotencyRecord.objects.exists()
    assert Tally.objects.get(name="level:tests").amount == 2
