from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def keep(apps: Any, editor: Any) -> None:
    """Until now only audits were due, and lapsed when they were."""
    entries = apps.get_model("annotations", "QueueEntry").objects
    entries.filter(audited=True, due_at__isnull=False).update(lapses_at=F("due_at"))


class Migration(migrations.Migration):
    dependencies = [("annotations", "0017_count_what_is_approved")]

    operations = [
        migrations.AddField(
            model_name="queueentry",
            name="lapses_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="queueentry", name="queue_entry_audits_due"),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=Q(audited=True, lapsed_at__isnull=True, state="awaiting_review"),
                fields=["lapses_at"],
                name="queue_entry_audits_lapse",
            ),
        ),
    ]
