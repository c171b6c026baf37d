from __future__ import annotations

from django.db import models


class WorkerHeartbeat(models.Model):
    """When a message last went all the way: scheduler, broker, worker, database."""

    queue = models.CharField(max_length=40, unique=True)
    worker = models.CharField(max_length=200, blank=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue} at {self.beat_at:%H:%M:%S}"
