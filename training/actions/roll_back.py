from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from reviewhub.common.actor import Actor
from training.actions.move_champion import move_champion
from training.errors import ChampionChanged, NothingToRollBack, PromotionNeedsReason
from training.models import Promotion, PromotionKind, lock_project


def roll_back(
    *,
    project_id: int,
    actor: Actor,
    reasons: Sequence[str],
    expected_champion: int | None = None,
    now: datetime,
) -> Promotion:
    """Undo the last change of champion: its predecessor is champion again.

    A rollback is such a change too, so rolling back twice returns to where it began. Raises
    NothingToRollBack after the first promotion of all. `expected_champion` is the number of the
    champion that the caller saw: two people who roll back at once then roll back once, and the
    second hears ChampionChanged. Locks the project.
    """
    given = [text for text in reasons if text.strip()]
    if not given:
        raise PromotionNeedsReason("Give the reason for rolling back.")
    with transaction.atomic():
        lock_project(project_id)
        changes = Promotion.objects.filter(project_id=project_id).order_by("-number")
        last = changes.select_related("model_version", "previous").first()
        if last is None or last.previous is None:
            raise NothingToRollBack
        champion = last.model_version
        if expected_champion not in (None, champion.number):
            raise ChampionChanged(f"The champion is model {champion.number} by now.")
        return move_champion(
            project_id=project_id,
            to=last.previous,
            previous=champion,
            kind=PromotionKind.ROLLBACK,
            actor=actor,
            reasons=given,
            decision=None,
            now=now,
        )
