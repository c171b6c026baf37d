from __future__ import annotations

import sys
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from annotations.actions.create_project import create_project
from annotations.domain.labels import LabelSpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.management.keys import issued
from annotations.models import Project, Verb
from reviewhub.common.commands import OperatorCommand

Spec = TypeVar("Spec", LabelSpec, ReviewSpec)


class ProjectFile(msgspec.Struct, forbid_unknown_fields=True):
    """The document that describes a project; a field that nobody knows is refused.

    Without `routing`, a project begins with the shipped rules (docs/routing.md).
    """

    slug: str
    name: str
    labels: list[dict[str, Any]]
    routing: dict[str, Any] | None = None
    kind: str = "image_classification"
    guidelines: str = ""
    note: str = ""
    site_time_zone: str = "UTC"
    review: dict[str, Any] = {}
    uid: UUID | None = None


class Command(OperatorCommand):
    help = "Create a project from a JSON file; prints its slug, or the secret of its first key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file, or - for standard input")
        parser.add_argument("--issue-key", metavar="VERBS", help=f"of {','.join(Verb.values)}")
        parser.add_argument("--key-name", default="first client")
        parser.add_argument("--key-days", type=int, default=365)

    def run(self, *, now: datetime, **options: Any) -> str:
        asked = _read(options["file"])
        with transaction.atomic():
            project = self._create(asked, now)
            if not options["issue_key"]:
                return project.slug
            secret = issued(
                project=project,
                name=options["key_name"],
                verbs=options["issue_key"],
                days=options["key_days"],
                actor=self.actor,
                now=now,
            )
        self.say(f"Project {project.slug} is there. Its API key, shown this once:")
        return secret

    def _create(self, asked: ProjectFile, now: datetime) -> Project:
        return create_project(
            slug=asked.slug,
            name=asked.name,
            kind=asked.kind,
            labels=[_as(LabelSpec, label) for label in asked.labels],
            guidelines=asked.guidelines,
            site_time_zone=asked.site_time_zone,
            rules=Rules.default() if asked.routing is None else Rules.from_json(asked.routing),
            review=_as(ReviewSpec, asked.review),
            note=asked.note,
            uid=asked.uid,
            actor=self.actor,
            now=now,
        )


def _read(name: str) -> ProjectFile:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return msgspec.json.decode(text, type=ProjectFile)
    except (OSError, msgspec.DecodeError) as error:
        raise CommandError(f"{name}: {error}") from error


def _as(kind: type[Spec], raw: dict[str, Any]) -> Spec:
    """A dataclass from its document: every field typed, none unknown."""
    unknown = raw.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise CommandError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise CommandError(str(error)) from error
