"""What the commands of this app share: they are about one project."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from annotations.queries.projects import project_named
from reviewhub.common.commands import OperatorCommand


class ProjectCommand(OperatorCommand):
    """A command about one project; what is not said stays as the policy in force has it."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="slug of the project")

    def run(self, *, now: datetime, **options: Any) -> str | None:
        project_id = project_named(options.pop("project")).pk
        return self.revise(project_id=project_id, now=now, **options)

    def revise(self, *, project_id: int, now: datetime, **options: Any) -> str | None:
        """Do it; what is returned is printed."""
        raise NotImplementedError
