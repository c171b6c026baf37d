from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def unchoose(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """There was no page to choose on: "en" was what everybody began with."""
    apps.get_model("annotations", "User").objects.filter(language="en").update(language="")


def choose(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("annotations", "User").objects.filter(language="").update(language="en")


class Migration(migrations.Migration):
    dependencies = [("annotations", "0010_language_as_the_browser_asks")]

    operations = [migrations.RunPython(unchoose, choose)]
