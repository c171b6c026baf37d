from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class DatasetSnapshot(models.Model):
    """A frozen, content-hashed manifest of approved annotations and their split."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="snapshots"
    )
    taxonomy = models.ForeignKey("annotations.Taxonomy", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the manifest file.")
    manifest_key = models.CharField(max_length=200)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "digest"], name="snapshot_once")]

    def __str__(self) -> str:
        return f"snapshot {self.digest[:12]}"


class SnapshotMember(models.Model):
    """One annotation in one snapshot: the link from a correction to the models that learned it."""

    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.CASCADE, related_name="members")
    annotation = models.ForeignKey(
        "annotations.Annotation", on_delete=models.PROTECT, related_name="snapshot_members"
    )
    fold = models.CharField(max_length=8)
    recent = models.BooleanField(help_text="Approved after the champion's snapshot was frozen.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "annotation"], name="snapshot_member_once"),
            models.CheckConstraint(
                name="snapshot_member_never_evaluate",
                condition=Q(fold__in=["learn", "validate"]),
            ),
        ]

    def __str__(self) -> str:
        return f"annotation {self.annotation_id} in snapshot {self.snapshot_id}"


class Embedding(models.Model):
    """Half-precision vector of one item under one backbone, little-endian float16."""

    item = models.ForeignKey(
        "annotations.Item", on_delete=models.CASCADE, related_name="embeddings"
    )
    backbone_digest = models.CharField(max_length=64)
    vector = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "backbone_digest"], name="embedding_once")
        ]

    def __str__(self) -> str:
        return f"embedding of item {self.item_id}"
