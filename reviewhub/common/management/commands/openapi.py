"""Write the API's schema to docs/openapi.json, or check that it is the one of this code."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema


class Command(BaseCommand):
    help = "Write the OpenAPI schema of the API to docs/openapi.json."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if the file is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = settings.REVIEWHUB_OPENAPI
        text = schema_text()
        if not options["check"]:
            path.write_text(text, encoding="utf-8")
            self.stdout.write(f"{path}: written")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            raise CommandError(f"{path} is out of date: run manage.py openapi")


def schema_text() -> str:
    """The schema as it is committed, valid OpenAPI 3.1; the same code makes the same bytes."""
    schema = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)
    validate_schema(schema)  # type: ignore[no-untyped-call]
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
