from __future__ import annotations

from argparse import BooleanOptionalAction
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
from django.core.management.base import CommandError, CommandParser

from training.actions.ensure_policies import ensure_policies
from training.actions.revise_gate_policy import revise_gate_policy
from training.domain.gate import GateMargins
from training.management.base import ProjectCommand

NAMES = ", ".join(field.name for field in fields(GateMargins))


class Command(ProjectCommand):
    help = "Say what a project asks of a challenger, under a new number; prints the number."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--automatic-promotion",
            action=BooleanOptionalAction,
            help="promote whatever the gate recommends; otherwise a lead decides",
        )
        parser.add_argument(
            "--margin", action="append", default=[], metavar="NAME=NUMBER", help=f"of {NAMES}"
        )

    def revise(self, *, project_id: int, now: datetime, **options: Any) -> str:
        before = ensure_policies(project_id=project_id, now=now).gate
        automatic = options["automatic_promotion"]
        policy = revise_gate_policy(
            project_id=project_id,
            margins=GateMargins.from_json(before.margins | dict(map(_margin, options["margin"]))),
            automatic_promotion=before.automatic_promotion if automatic is None else automatic,
            actor=self.actor,
            now=now,
        )
        return str(policy.number)


def _margin(text: str) -> tuple[str, Any]:
    name, _, number = text.partition("=")
    try:
        return name, msgspec.json.decode(number.encode(), type=float | int | None)
    except msgspec.DecodeError:
        raise CommandError(f"{text} is not NAME=NUMBER") from None
