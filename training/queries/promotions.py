from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from training.models import Promotion, PromotionKind


@dataclass(frozen=True)
class ChampionChange:
    number: int
    kind_label: str
    model_number: int
    previous_number: int | None
    actor: str
    reasons: tuple[str, ...]
    at: datetime


def promotions_of(project_id: int, *, limit: int = 50) -> list[ChampionChange]:
    """Who was champion when, newest first; one query."""
    rows = Promotion.objects.filter(project_id=project_id).select_related(
        "model_version", "previous"
    )
    return [
        ChampionChange(
            number=row.number,
            kind_label=PromotionKind(row.kind).label,
            model_number=row.model_version.number,
            previous_number=row.previous.number if row.previous else None,
            actor=row.actor,
            reasons=tuple(row.reasons),
            at=row.created_at,
        )
        for row in rows.order_by("-number")[:limit]
    ]
