from __future__ import annotations

from django.db import migrations

from reviewhub.common.models.append_only import append_only_sql


class Migration(migrations.Migration):
    dependencies = [("common", "0001_records")]

    operations = [
        append_only_sql("common_auditentry"),
        append_only_sql("common_outboxevent"),
        append_only_sql("common_deliveryattempt"),
    ]
