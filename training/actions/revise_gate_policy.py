from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from training.domain.gate import GateMargins
from training.models import GatePolicy, lock_project


def revise_gate_policy(
    *,
    project_id: int,
    margins: GateMargins,
    automatic_promotion: bool,
    actor: Actor,
    now: datetime,
) -> GatePolicy:
    """Put a new numbered gate policy in force; decisions keep the one they were made under."""
    with transaction.atomic():
        lock_project(project_id)
        policies = GatePolicy.objects.filter(project_id=project_id)
        policy = GatePolicy.objects.create(
            project_id=project_id,
            number=(policies.aggregate(last=Max("number"))["last"] or 0) + 1,
            margins=margins.as_json(),
            automatic_promotion=automatic_promotion,
            created_by_id=actor.id if actor.kind == "user" else None,
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="gate_policy.revise",
            subject=policy,
            project_id=project_id,
            after={
                "number": policy.number,
                "margins": policy.margins,
                "automatic_promotion": automatic_promotion,
            },
            now=now,
        )
    return policy
