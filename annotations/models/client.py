from __future__ import annotations

from django.db import models

from reviewhub.common.ids import uuid7


class Verb(models.TextChoices):
    """What an API key may do."""

    PREDICT = "predict", "Submit and read predictions"
    LABEL = "label", "Import items whose label is known"
    MODELS = "models", "Fetch models and their cards"
    RELEASE = "release", "Request runs, promote and roll back"
    WEBHOOKS = "webhooks", "Manage webhooks"


class ApiKey(models.Model):
    """A client's key: only a prefix and the SHA-256 of the secret are kept."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="api_keys"
    )
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    verbs = models.JSONField(default=list)
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    calls_per_minute = models.PositiveIntegerField(default=1_200)
    predictions_per_minute = models.PositiveIntegerField(default=600_000)
    last_used_at = models.DateTimeField(null=True, blank=True)
    rotated_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="rotated_to"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="api_key_expires_after_creation",
                condition=models.Q(expires_at__gt=models.F("created_at")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class ApiKeyMinute(models.Model):
    """What a key has asked for in one minute of the database's clock, for its limits."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="minutes")
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    predictions = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "minute"], name="api_key_minute_once")
        ]

    def __str__(self) -> str:
        return f"{self.key_id} at {self.minute:%H:%M}"


class DirectUpload(models.Model):
    """A promise to take one file straight into storage, until it expires.

    The bytes lie under `storage_key`, unbelieved, until the client says that they are complete.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="direct_uploads"
    )
    storage_key = models.CharField(max_length=200, unique=True)
    max_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    image = models.ForeignKey(
        "annotations.StoredImage",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="What became of it.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="direct_upload_expires_later",
                condition=models.Q(expires_at__gt=models.F("created_at")),
            )
        ]

    def __str__(self) -> str:
        return f"direct upload {self.uid}"
