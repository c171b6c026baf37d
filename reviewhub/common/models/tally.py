from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """One contribution to a counter: inserted, never updated, so that no row is hot.

    A counter is the sum of its rows. A periodic fold replaces many rows of a day by their sum.
    """

    project_id = models.BigIntegerField()
    day = models.DateField(help_text="In the time zone of the project's site.")
    name = models.CharField(max_length=60)
    amount = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "tallies"
        indexes = [models.Index(fields=["project_id", "name", "day"], name="tally_of_project")]

    def __str__(self) -> str:
        return f"{self.name} {self.amount:+d} on {self.day}"
