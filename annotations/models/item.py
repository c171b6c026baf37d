from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7

FOLDS = ["learn", "validate", "evaluate"]


class StoredImage(models.Model):
    """One image in storage: the private original and the re-encoded derivatives made from it."""

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="images"
    )
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    byte_size = models.PositiveIntegerField()
    original_key = models.CharField(max_length=200)
    display_key = models.CharField(max_length=200)
    thumbnail_key = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "sha256"], name="stored_image_once"),
            models.CheckConstraint(
                name="stored_image_has_pixels", condition=Q(width__gte=1, height__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"image {self.uid}"


class Item(models.Model):
    """One thing to be judged. Its fold is given at intake, for ever.

    `slices` are facts of its client by which figures are told apart: site, line, camera, channel,
    language and others, each one word or number.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="items", db_index=False
    )
    external_id = models.CharField(max_length=200)
    source_group = models.CharField(max_length=200, blank=True)
    fold = models.CharField(max_length=8)
    content_digest = models.CharField(max_length=64)
    slices = models.JSONField(default=dict, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "external_id"], name="item_once"),
            models.CheckConstraint(name="item_fold_known", condition=Q(fold__in=FOLDS)),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="item_newest_first")]

    def __str__(self) -> str:
        return self.external_id


class ItemContent(models.Model):
    """What people and models look at, apart from the facts so that it can be erased."""

    item = models.OneToOneField(
        Item, primary_key=True, on_delete=models.CASCADE, related_name="content"
    )
    image = models.ForeignKey(
        StoredImage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contents",
        db_index=False,
    )
    text = models.TextField(null=True, blank=True)  # noqa: DJ001 (an empty text is not no text)
    metadata = models.JSONField(default=dict, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="item_content_or_erased",
                condition=Q(image__isnull=False)
                | Q(text__isnull=False)
                | Q(erased_at__isnull=False),
            ),
            models.CheckConstraint(
                name="item_content_of_one_kind",
                condition=Q(image__isnull=True) | Q(text__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["image"],
                name="item_content_of_image",
                condition=Q(image__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"content of item {self.pk}"
