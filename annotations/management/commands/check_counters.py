from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from annotations.actions.check_counters import check_counters
from annotations.models import Project
from reviewhub.common.commands import OperatorCommand


class Command(OperatorCommand):
    help = "Count all rows and compare with the counters that are kept; fails if any differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="one project; all of them without")
        parser.add_argument("--repair", action="store_true", help="set right what differs")

    def run(self, *, now: datetime, **options: Any) -> str | None:
        slug, repair = options["slug"], options["repair"]
        projects = Project.objects.order_by("slug")
        wrong = 0
        for project in projects.filter(slug=slug) if slug else projects:
            for each in check_counters(project=project, repair=repair):
                wrong += 1
                self.stdout.write(
                    f"{project.slug} {each.day} {each.name}: kept {each.kept}, "
                    f"counted {each.counted}"
                )
        if wrong and not repair:
            raise CommandError(f"{wrong} counters differ; --repair sets them right.")
        self.say(f"{wrong} counters set right." if wrong else "Every counter is right.")
        return None
