from __future__ import annotations

from datetime import date
from typing import Any

from django.db import migrations
from django.db.models import Max, OuterRef, Subquery

NO_DAY = date(1970, 1, 1)
NAME = "level:offered_labels"


def count(apps: Any, editor: Any) -> None:
    """What stood approved when each project's last run began is counted this once."""
    tally = apps.get_model("common", "Tally")
    last = apps.get_model("annotations", "Annotation").objects.filter(entry=OuterRef("pk"))
    entries = apps.get_model("annotations", "QueueEntry").objects.alias(
        outcome=Subquery(last.order_by("-number").values("outcome")[:1])
    )
    labels = entries.filter(state="approved", is_gold=False, outcome="label")
    known = set(tally.objects.filter(name=NAME).values_list("project_id", flat=True))
    begun = apps.get_model("training", "TrainingRun").objects.filter(started_at__isnull=False)
    for project, began in begun.values_list("project").annotate(began=Max("started_at")):
        offered = labels.filter(project=project, state_changed_at__lte=began).count()
        if offered and project not in known:
            tally.objects.create(project_id=project, day=NO_DAY, name=NAME, amount=offered)


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0003_novelty_and_learning_selections"),
        ("annotations", "0017_count_what_is_approved"),
    ]

    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
