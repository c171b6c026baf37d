from __future__ import annotations

from typing import Any

from django.db import migrations

# The trigger of 0002 stands in the way of the one change that this column will ever see; 0005 puts
# it back. SQLite has lost it already: 0003 has built the table anew.
_DROP = 'DROP TRIGGER IF EXISTS "annotations_prediction_append_only"'


def fill(apps: Any, editor: Any) -> None:
    """Every prediction knows its project, every entry what was predicted."""
    on_table = ' ON "annotations_prediction"' if editor.connection.vendor == "postgresql" else ""
    editor.execute(_DROP + on_table, None)
    editor.execute(
        "UPDATE annotations_prediction SET project_id = (SELECT project_id FROM annotations_item "
        "WHERE annotations_item.id = annotations_prediction.item_id)",
        None,
    )
    editor.execute(
        "UPDATE annotations_queueentry SET predicted_key = (SELECT label_key "
        "FROM annotations_prediction "
        "WHERE annotations_prediction.id = annotations_queueentry.prediction_id)",
        None,
    )


class Migration(migrations.Migration):
    dependencies = [("annotations", "0003_three_kinds_and_their_routing")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
