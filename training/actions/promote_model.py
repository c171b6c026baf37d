from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from reviewhub.common.actor import Actor
from training.actions.move_champion import move_champion
from training.errors import AlreadyChampion, ChampionChanged, PromotionNeedsReason, UnknownModel
from training.models import (
    GateDecision,
    ModelRole,
    ModelVersion,
    Promotion,
    PromotionKind,
    Verdict,
    lock_project,
)


def promote_model(
    *,
    project_id: int,
    model_version: ModelVersion,
    actor: Actor,
    reasons: Sequence[str],
    decision: GateDecision | None = None,
    now: datetime,
) -> Promotion:
    """Make a model the champion; its predecessor is archived and can be restored in one call.

    With the gate's fresh verdict "promote" behind it a model needs no further reason; any other
    one needs the words of whoever promotes it (PromotionNeedsReason), and they are kept. A given
    `decision` must stand on the champion of this moment (ChampionChanged). Raises AlreadyChampion.

    Locks the project, so that two promotions come one after the other and each knows the other.
    """
    with transaction.atomic():
        lock_project(project_id)
        found = ModelVersion.objects.filter(project_id=project_id)
        model = found.filter(pk=model_version.pk).first()
        if model is None:
            raise UnknownModel
        if model.role == ModelRole.CHAMPION:
            raise AlreadyChampion(f"Model {model.number} is the champion already.")
        champion = found.filter(role=ModelRole.CHAMPION).first()
        _refuse_outdated(decision, champion)
        decision = decision or model.gate_decisions.order_by("-pk").first()
        return move_champion(
            project_id=project_id,
            to=model,
            previous=champion,
            kind=PromotionKind.PROMOTION,
            actor=actor,
            reasons=_reasons(decision, champion, [text for text in reasons if text.strip()]),
            decision=decision,
            now=now,
        )


def _refuse_outdated(decision: GateDecision | None, champion: ModelVersion | None) -> None:
    if decision is not None and not _stands(decision, champion):
        raise ChampionChanged("The gate compared with a champion that is not the champion now.")


def _stands(decision: GateDecision, champion: ModelVersion | None) -> bool:
    return decision.champion_id == (champion.pk if champion else None)


def _reasons(
    decision: GateDecision | None, champion: ModelVersion | None, given: list[str]
) -> list[str]:
    if decision is None or not _stands(decision, champion) or decision.verdict != Verdict.PROMOTE:
        if not given:
            raise PromotionNeedsReason
        return given
    return [*given, *decision.reasons]
