from __future__ import annotations

from argparse import BooleanOptionalAction
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from training.actions.ensure_policies import ensure_policies
from training.actions.revise_training_policy import revise_training_policy
from training.management.base import ProjectCommand


class Command(ProjectCommand):
    help = "Say when a project learns, under a new number; prints the number."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--automatic",
            action=BooleanOptionalAction,
            help="request runs when enough was approved; otherwise only when somebody asks",
        )
        parser.add_argument("--approvals", type=int, help="how many are enough")
        parser.add_argument("--cooldown", type=int, help="seconds between two runs")
        parser.add_argument("--seed", type=int)

    def revise(self, *, project_id: int, now: datetime, **options: Any) -> str:
        before = ensure_policies(project_id=project_id, now=now).training
        asked = {
            "automatic": options["automatic"],
            "approvals_needed": options["approvals"],
            "cooldown_seconds": options["cooldown"],
            "seed": options["seed"],
        }
        stays = {name: getattr(before, name) for name in (*asked, "backbone")}
        policy = revise_training_policy(
            project_id=project_id,
            **(stays | {name: value for name, value in asked.items() if value is not None}),
            actor=self.actor,
            now=now,
        )
        return str(policy.number)
