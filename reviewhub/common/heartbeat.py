"""Signs of life of the workers, end to end."""

from __future__ import annotations

from datetime import datetime

from reviewhub.common.models import WorkerHeartbeat


def beat(*, queue: str, worker: str, now: datetime) -> None:
    """A worker of `queue` has just run a task."""
    WorkerHeartbeat.objects.update_or_create(
        queue=queue, defaults={"worker": worker[:200], "beat_at": now}
    )


def seconds_since_beat(*, now: datetime) -> dict[str, float]:
    """Per queue that ever beat, the age of its last sign of life."""
    return {row.queue: (now - row.beat_at).total_seconds() for row in WorkerHeartbeat.objects.all()}
