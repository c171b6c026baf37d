from __future__ import annotations

from django.db.models import Exists, OuterRef, Subquery

from training.models import ACTIVE, GatePolicy, TrainingPolicy, TrainingRun


def training_policy_of(project_id: int) -> TrainingPolicy | None:
    """The one in force: the highest number."""
    return TrainingPolicy.objects.filter(project_id=project_id).order_by("-number").first()


def gate_policy_of(project_id: int) -> GatePolicy | None:
    """The one in force: the highest number."""
    return GatePolicy.objects.filter(project_id=project_id).order_by("-number").first()


def projects_learning_by_themselves() -> list[int]:
    """Projects whose policy in force requests runs automatically and that have no active one."""
    newest = TrainingPolicy.objects.filter(project=OuterRef("project")).order_by("-number")
    busy = TrainingRun.objects.filter(project=OuterRef("project"), state__in=ACTIVE)
    policies = TrainingPolicy.objects.filter(
        ~Exists(busy), automatic=True, number=Subquery(newest.values("number")[:1])
    )
    return list(policies.order_by("project_id").values_list("project_id", flat=True))
