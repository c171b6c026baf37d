from __future__ import annotations

import json
import zlib
from typing import Any

from django.db import migrations, models


def pack(apps: Any, editor: Any) -> None:
    for record in apps.get_model("common", "IdempotencyRecord").objects.iterator():
        record.packed = zlib.compress(json.dumps(record.body).encode(), 1)
        record.save(update_fields=["packed"])


def unpack(apps: Any, editor: Any) -> None:
    for record in apps.get_model("common", "IdempotencyRecord").objects.iterator():
        record.body = json.loads(zlib.decompress(record.packed))
        record.save(update_fields=["body"])


class Migration(migrations.Migration):
    """What was answered is kept deflated: a batch of 500 has 150 kB, and nobody asks inside it."""

    dependencies = [("common", "0003_jobs_and_tallies")]

    operations = [
        migrations.AddField(
            model_name="idempotencyrecord",
            name="packed",
            field=models.BinaryField(
                default=b"",
                help_text="The answer as JSON, deflated: nothing asks inside it.",
            ),
            preserve_default=False,
        ),
        migrations.AlterField("idempotencyrecord", "body", models.JSONField(null=True)),
        migrations.RunPython(pack, unpack),
        migrations.RemoveField("idempotencyrecord", "body"),
    ]
