from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from annotations.actions.revoke_api_key import revoke_api_key
from annotations.queries.people import key_with_prefix
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = "End an API key at once and for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the eight characters after rh_")

    def run(self, *, now: datetime, **options: Any) -> str:
        key = revoke_api_key(key=key_with_prefix(options["prefix"]), actor=self.actor, now=now)
        self.say(f"{key.name} may do nothing any more.")
        return key.prefix
