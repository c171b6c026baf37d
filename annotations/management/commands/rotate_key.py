from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser

from annotations.actions.rotate_api_key import rotate_api_key
from annotations.queries.people import key_with_prefix
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Replace an API key: prints its successor's secret; the old one ends after the overlap."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the eight characters after rh_")
        parser.add_argument("--days", type=int, default=365, help="until the new key expires")
        parser.add_argument("--overlap-hours", type=int, default=24)

    def run(self, *, now: datetime, **options: Any) -> str:
        _, secret = rotate_api_key(
            key=key_with_prefix(options["prefix"]),
            expires_at=now + timedelta(days=options["days"]),
            overlap=timedelta(hours=options["overlap_hours"]),
            actor=self.actor,
            now=now,
        )
        self.say("The new key, shown this once:")
        return secret
