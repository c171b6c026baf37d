from __future__ import annotations

from django.db import models


class IdempotencyRecord(models.Model):
    """An answer that was given once and will be given again for the same key and body."""

    actor = models.CharField(max_length=120)
    route = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    packed = models.BinaryField(help_text="The answer as JSON, deflated: nothing asks inside it.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["actor", "route", "key"], name="idempotency_key_once"),
            models.CheckConstraint(
                name="idempotency_expires_later",
                condition=models.Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.actor}"
