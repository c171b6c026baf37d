from __future__ import annotations

from django.db import models
from django.db.models import Q

from reviewhub.common.ids import uuid7


class Grid(models.Model):
    """Thumbnails of one predicted label put before one person at once.

    While it is held, its entries are leased to that person. `seconds` is how long it was on the
    screen; what was judged are the reviews that point here.
    """

    uid = models.UUIDField(default=uuid7, unique=True, editable=False)
    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="grids"
    )
    taxonomy = models.ForeignKey("annotations.Taxonomy", on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="grids")
    label_key = models.SlugField(max_length=60)
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grid_seconds_when_answered",
                condition=Q(answered_at__isnull=True, seconds__isnull=True)
                | Q(answered_at__isnull=False, seconds__gte=0),
            )
        ]
        indexes = [models.Index(fields=["reviewer", "-shown_at"], name="grid_recent")]

    def __str__(self) -> str:
        return f"grid {self.uid}"


class GridCell(models.Model):
    """One thumbnail: of an entry that waits, or of an item whose answer is known (gold)."""

    grid = models.ForeignKey(Grid, on_delete=models.CASCADE, related_name="cells")
    position = models.PositiveSmallIntegerField()
    item = models.ForeignKey("annotations.Item", on_delete=models.CASCADE, related_name="+")
    entry = models.ForeignKey(
        "annotations.QueueEntry", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    gold_odd = models.BooleanField(
        null=True, blank=True, help_text="Of gold: it is not what the grid is of."
    )
    said_odd = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grid", "position"], name="grid_cell_position_once"),
            models.CheckConstraint(
                name="grid_cell_waits_or_is_gold",
                condition=Q(entry__isnull=False, gold_odd__isnull=True)
                | Q(entry__isnull=True, gold_odd__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"cell {self.position} of grid {self.grid_id}"
