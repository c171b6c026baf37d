from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import connection

from annotations.management.load.projects import open_projects
from annotations.management.load.report import lines, promised_statuses, undocumented
from annotations.management.load.sending import Sender
from annotations.management.load.traffic import Stream, traffic
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = (
        "Send realistic predictions to a running instance: bursts, retries, duplicates and bad "
        "items, of all kinds. Prints what came back; fails if an answer was not documented."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=float, default=1.0, help="how long; it plays one day")
        parser.add_argument("--rate", type=float, default=50.0, help="predictions a second, mean")
        parser.add_argument("--seed", type=int, default=1, help="another seed, other traffic")
        parser.add_argument("--clients", type=int, default=4, help="connections at once")
        parser.add_argument("--url", default=settings.REVIEWHUB_SITE_URL, help="of the instance")
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="SLUG=SECRET",
            help="a project to send to, and its API key; once for each project",
        )
        parser.add_argument(
            "--local",
            action="store_true",
            help="make a project of each kind, with a key, in this instance's database",
        )

    def run(self, *, now: datetime, **options: Any) -> None:
        keys = dict(_keys(options["key"]))
        if options["local"]:
            keys |= open_projects(actor=self.actor, now=now)
            # The instance writes; a connection of ours left open would be in its way.
            connection.close()
        if not keys:
            raise CommandError("Give --local, or --key for each project to send to.")
        sender = Sender(options["url"], keys, clients=options["clients"])
        try:
            streams = [_stream(sender, slug) for slug in sorted(keys)]
            schema = sender.read("/api/v1/openapi.json", next(iter(keys)))
        except OSError as error:
            raise CommandError(f"{options['url']}: {error}") from error
        told = sender.send(
            traffic(
                streams=streams,
                seconds=options["minutes"] * 60,
                rate=options["rate"],
                seed=options["seed"],
            )
        )
        for line in lines(told):
            self.stdout.write(line)
        if wrong := undocumented(told, promised_statuses(schema)):
            raise CommandError(f"Answers that are not documented, by status: {wrong}")


def _keys(given: list[str]) -> Iterator[tuple[str, str]]:
    for each in given:
        slug, separator, secret = each.partition("=")
        if not separator:
            raise CommandError(f"--key {slug}: expected SLUG=SECRET")
        yield slug, secret


def _stream(sender: Sender, slug: str) -> Stream:
    card = sender.read(f"/api/v1/projects/{slug}", slug)
    return Stream(slug, card["kind"], [label["key"] for label in card["taxonomy"]["labels"]])
