from __future__ import annotations

from datetime import datetime

from annotations.actions.revise_routing_policy import check_labels
from annotations.domain.routing import Rules
from annotations.domain.simulation import KIND
from annotations.models import Project
from reviewhub.common import jobs
from reviewhub.common.actor import Actor
from reviewhub.common.errors import InvalidInput
from reviewhub.common.models import Job

MOST_DAYS = 90


def request_simulation(
    *, project: Project, rules: Rules, days: int, actor: Actor, now: datetime
) -> Job:
    """Have the last `days` replayed through changed rules; nothing is put in force by it."""
    if not 1 <= days <= MOST_DAYS:
        message = f"Expected a whole number from 1 to {MOST_DAYS}."
        raise InvalidInput(errors=[{"field": "days", "message": message}])
    check_labels(project=project, rules=rules)
    params = {"rules": rules.as_json(), "days": days, "asked_at": now.isoformat()}
    return jobs.request_job(project_id=project.pk, kind=KIND, params=params, actor=actor, now=now)
