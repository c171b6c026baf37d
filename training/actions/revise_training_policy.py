from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from training.models import TrainingPolicy, lock_project


def revise_training_policy(
    *,
    project_id: int,
    automatic: bool,
    approvals_needed: int,
    cooldown_seconds: int,
    backbone: str = "efficientnet_lite0",
    seed: int = 0,
    actor: Actor,
    now: datetime,
) -> TrainingPolicy:
    """Put a new numbered training policy in force; runs keep the one they began under."""
    with transaction.atomic():
        lock_project(project_id)
        policies = TrainingPolicy.objects.filter(project_id=project_id)
        policy = TrainingPolicy.objects.create(
            project_id=project_id,
            number=(policies.aggregate(last=Max("number"))["last"] or 0) + 1,
            automatic=automatic,
            approvals_needed=approvals_needed,
            cooldown_seconds=cooldown_seconds,
            backbone=backbone,
            seed=seed,
            created_by_id=actor.id if actor.kind == "user" else None,
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="training_policy.revise",
            subject=policy,
            project_id=project_id,
            after={
                "number": policy.number,
                "automatic": automatic,
                "approvals_needed": approvals_needed,
                "cooldown_seconds": cooldown_seconds,
            },
            now=now,
        )
    return policy
