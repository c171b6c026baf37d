from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from annotations.queries.learning import (
    approved_annotations,
    new_approvals,
    taxonomy_in_force,
)
from annotations.queries.projects import kind_of
from reviewhub.common.actor import Actor
from training.actions.ensure_policies import ensure_policies
from training.actions.request_run import request_run
from training.domain.recipes import LEARNED_KINDS
from training.domain.trigger import Due, Situation, Trigger, judge
from training.errors import RunAlreadyActive
from training.models import ACTIVE, TrainingPolicy, TrainingRun


def request_run_if_due(*, project_id: int, now: datetime) -> TrainingRun | None:
    """Request a run when the policy in force asks for one by itself, else answer None.

    A project of a kind that nothing learns never asks.

    Any number of callers at once request one run: the active one is the lock.
    """
    policy = ensure_policies(project_id=project_id, now=now).training
    if not policy.automatic or kind_of(project_id) not in LEARNED_KINDS:
        return None
    trigger = Trigger(policy.approvals_needed, timedelta(seconds=policy.cooldown_seconds))
    verdict = judge(situation_of(project_id, policy), trigger=trigger, now=now)
    if not isinstance(verdict, Due):
        return None
    actor = Actor(kind="policy", id=policy.pk, name=f"training policy {policy.number}")
    try:
        return request_run(
            project_id=project_id, requested_by=actor, reasons=verdict.reasons, now=now
        )
    except RunAlreadyActive:
        return None


def situation_of(project_id: int, policy: TrainingPolicy) -> Situation:
    """Count cheaply first: the labels to learn from matter only once enough was approved."""
    runs = TrainingRun.objects.filter(project_id=project_id)
    last = runs.order_by("-number").first()
    new = new_approvals(project_id)
    return Situation(
        new_approvals=new,
        learnable=_learnable(project_id) if new >= policy.approvals_needed else {},
        last_ended=last.ended_at if last else None,
        active_run=runs.filter(state__in=ACTIVE).exists(),
    )


def _learnable(project_id: int) -> Counter[str]:
    approved = approved_annotations(project_id, taxonomy_in_force(project_id).id)
    return Counter(one.label_key for one in approved if one.fold == "learn" and one.label_key)
