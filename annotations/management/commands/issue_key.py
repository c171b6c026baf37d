from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from annotations.management.keys import add_limits, issued
from annotations.models import Verb
from annotations.queries.projects import project_named
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Issue an API key of a project; its secret is printed once and kept nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="slug of the project")
        parser.add_argument("--name", required=True, help="who will use the key")
        parser.add_argument("--verbs", required=True, help=f"of {','.join(Verb.values)}")
        parser.add_argument("--days", type=int, default=365, help="until it expires")
        add_limits(parser)

    def run(self, *, now: datetime, **options: Any) -> str:
        self.say("The key, shown this once:")
        return issued(
            project=project_named(options["project"]),
            name=options["name"],
            verbs=options["verbs"],
            days=options["days"],
            calls_per_minute=options["calls_per_minute"],
            predictions_per_minute=options["predictions_per_minute"],
            actor=self.actor,
            now=now,
        )
