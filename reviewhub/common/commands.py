"""What the commands of an operator share: who acts, when, and how a refusal is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reviewhub.common.actor import Actor
from reviewhub.common.clock import database_now
from reviewhub.common.errors import ReviewHubError


class OperatorCommand(BaseCommand):
    """Facts for scripts go to standard output, sentences for people to standard error."""

    actor = Actor.system("manage.py")

    def handle(self, *args: Any, **options: Any) -> str | None:
        try:
            return self.run(now=database_now(), **options)
        except ReviewHubError as error:
            raise CommandError(told(error)) from error

    def run(self, *, now: datetime, **options: Any) -> str | None:
        """Do it; what is returned is printed."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        self.stderr.write(sentence)


def told(error: ReviewHubError) -> str:
    """The error with every field that is wrong, a line each."""
    errors: Any = error.data.get("errors", [])
    lines = [f"  {each['field']}: {each['message']}" for each in errors]
    return "\n".join([error.detail, *lines])
