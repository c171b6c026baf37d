from __future__ import annotations

from datetime import date
from typing import Any

from django.db import migrations
from django.db.models import Count, OuterRef, Subquery

NO_DAY = date(1970, 1, 1)
NAME = "level:approved_labels"


def count(apps: Any, editor: Any) -> None:
    """From here on approvals add to a counter; those that stand are counted this once."""
    tally = apps.get_model("common", "Tally")
    last = apps.get_model("annotations", "Annotation").objects.filter(entry=OuterRef("pk"))
    entries = apps.get_model("annotations", "QueueEntry").objects.alias(
        outcome=Subquery(last.order_by("-number").values("outcome")[:1])
    )
    labels = entries.filter(state="approved", is_gold=False, outcome="label")
    known = set(tally.objects.filter(name=NAME).values_list("project_id", flat=True))
    tally.objects.bulk_create(
        tally(project_id=project, day=NO_DAY, name=NAME, amount=number)
        for project, number in labels.values_list("project").annotate(number=Count("pk"))
        if project not in known
    )


class Migration(migrations.Migration):
    dependencies = [
        ("annotations", "0016_answers_in_older_words"),
        ("common", "0003_jobs_and_tallies"),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
