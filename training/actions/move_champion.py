from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from reviewhub.common import audit
from reviewhub.common.actor import Actor
from training.deliveries.webhook import announce
from training.models import (
    GateDecision,
    ModelRole,
    ModelVersion,
    Promotion,
    PromotionKind,
)


def move_champion(
    *,
    project_id: int,
    to: ModelVersion,
    previous: ModelVersion | None,
    kind: PromotionKind,
    actor: Actor,
    reasons: Sequence[str],
    decision: GateDecision | None,
    now: datetime,
) -> Promotion:
    """Flip the one pointer and leave its trail: role, Promotion, audit row, events.

    The caller holds the project's lock in an open transaction. The old champion steps down
    first, for the partial unique index allows no moment with two.
    """
    _flip(project_id, to)
    last = Promotion.objects.filter(project_id=project_id).aggregate(last=Max("number"))["last"]
    promotion = Promotion.objects.create(
        project_id=project_id,
        number=(last or 0) + 1,
        kind=kind,
        model_version=to,
        previous=previous,
        decision=decision,
        actor=actor.name,
        reasons=list(reasons),
        created_at=now,
    )
    audit.record(
        actor=actor,
        action=f"model.{'promote' if kind == PromotionKind.PROMOTION else 'roll_back'}",
        subject=to,
        project_id=project_id,
        before={"champion": previous.number if previous else None},
        after={"champion": to.number, "reasons": list(reasons)},
        now=now,
    )
    announce(promotion=promotion, now=now)
    return promotion


def _flip(project_id: int, to: ModelVersion) -> None:
    versions = ModelVersion.objects.filter(project_id=project_id)
    versions.filter(role=ModelRole.CHAMPION).update(role=ModelRole.ARCHIVED)
    versions.filter(pk=to.pk).update(role=ModelRole.CHAMPION)
    to.role = ModelRole.CHAMPION
