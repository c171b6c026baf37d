from __future__ import annotations

import getpass
import os
import sys
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from annotations.actions.add_member import add_member
from annotations.actions.create_user import create_user
from annotations.models import Role
from annotations.queries.projects import project_named
from reviewhub.common.commands import OperatorCommand

PASSWORD = "REVIEWHUB_USER_PASSWORD"  # noqa: S105 (the name of a variable)


class Command(OperatorCommand):
    help = f"Create a person who logs in. The password comes from {PASSWORD} or standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        parser.add_argument("--project", help="slug of a project to join")
        parser.add_argument("--role", choices=Role.values, default=Role.REVIEWER)
        parser.add_argument(
            "--operator", action="store_true", help="opens the admin and every project"
        )

    def run(self, *, now: datetime, **options: Any) -> str:
        password = _password()
        with transaction.atomic():
            project = project_named(options["project"]) if options["project"] else None
            user = create_user(
                username=options["username"],
                password=password,
                email=options["email"],
                operator=options["operator"],
                actor=self.actor,
                now=now,
            )
            if project is not None:
                role = Role(options["role"])
                add_member(project=project, user=user, role=role, actor=self.actor, now=now)
        return user.username


def _password() -> str:
    """Never an argument: arguments show in the process list."""
    if (given := os.environ.get(PASSWORD)) is not None:
        return given
    return getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
