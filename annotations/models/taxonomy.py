from __future__ import annotations

from django.db import models
from django.db.models import Q


class Taxonomy(models.Model):
    """A numbered version of a project's label set with its guidelines; the highest is in force."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="taxonomies"
    )
    number = models.PositiveIntegerField()
    guidelines = models.TextField(blank=True)
    mapping = models.JSONField(
        default=dict, blank=True, help_text="Keys of the version before -> keys of this one."
    )
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "taxonomies"
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="taxonomy_numbered")
        ]

    def __str__(self) -> str:
        return f"taxonomy {self.number}"


class Label(models.Model):
    """One class of a taxonomy.

    `key` is stable across versions; costs are in the money of the project.
    """

    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.CASCADE, related_name="labels")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    colour = models.PositiveSmallIntegerField(help_text="1 to 12, the palette of the pages.")
    hotkey = models.CharField(max_length=1)
    guideline = models.TextField(blank=True)
    phrases = models.JSONField(
        default=list, blank=True, help_text="Words of a text that speak for this label."
    )
    is_positive = models.BooleanField(default=False, help_text="A finding, such as a defect.")
    cost_of_miss = models.FloatField(default=1.0)
    cost_of_false_alarm = models.FloatField(default=1.0)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["taxonomy", "key"], name="label_key_once"),
            models.UniqueConstraint(fields=["taxonomy", "hotkey"], name="label_hotkey_once"),
            models.UniqueConstraint(fields=["taxonomy", "position"], name="label_position_once"),
            models.CheckConstraint(
                name="label_colour_in_palette", condition=Q(colour__gte=1, colour__lte=12)
            ),
            models.CheckConstraint(
                name="label_costs_not_negative",
                condition=Q(cost_of_miss__gte=0, cost_of_false_alarm__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LabelExample(models.Model):
    """An item that a lead shows beside the guideline of a label, in every version of the labels."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.CASCADE, related_name="label_examples"
    )
    label_key = models.SlugField(max_length=60)
    item = models.ForeignKey("annotations.Item", on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(
        "annotations.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "label_key", "item"], name="label_example_once"
            )
        ]

    def __str__(self) -> str:
        return f"example of {self.label_key}"


class GuidelineReading(models.Model):
    """A person has read one version of the labels and their guideline, and said so."""

    user = models.ForeignKey(
        "annotations.User", on_delete=models.CASCADE, related_name="guideline_readings"
    )
    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.CASCADE, related_name="readings")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "taxonomy"], name="guideline_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} has read {self.taxonomy}"
