from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import TaxonomySpec
from annotations.queries.projects import project_named
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = (
        'Put a new label set in force from a JSON file: {"labels": [{"key", "name", …}], '
        '"guidelines", "mapping": {old key: new key}}; prints its number.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="slug of the project")
        parser.add_argument("file", help="a JSON file, or - for standard input")

    def run(self, *, now: datetime, **options: Any) -> str:
        taxonomy = revise_taxonomy(
            project=project_named(options["project"]),
            spec=_read(options["file"]),
            actor=self.actor,
            now=now,
        )
        return str(taxonomy.number)


def _read(name: str) -> TaxonomySpec:
    try:
        document = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return msgspec.convert(msgspec.json.decode(document), TaxonomySpec)
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandError(f"{name}: {error}") from error
