from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7

ACTOR_KINDS = ["user", "key", "policy", "system"]


class AuditEntry(models.Model):
    """Who did what to which thing, before and after. Append-only, kept by a database trigger."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project_id = models.BigIntegerField(null=True, blank=True)
    actor_kind = models.CharField(max_length=6)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                name="audit_actor_known", condition=Q(actor_kind__in=ACTOR_KINDS)
            ),
            models.CheckConstraint(
                name="audit_only_the_system_has_no_id",
                condition=Q(actor_kind="system") | Q(actor_id__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["project_id", "-id"], name="audit_of_project"),
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.action} {self.subject_type} {self.subject_id}"
