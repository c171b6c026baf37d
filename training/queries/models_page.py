from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from reviewhub.common.clock import Moment
from reviewhub.common.cursor import PAGE_SIZE
from training.models import GateDecision, ModelRole, ModelVersion, Promotion, Verdict


@dataclass(frozen=True)
class ModelRow:
    """A model version as a list shows it. `waiting`: a candidate that nobody decided about."""

    uid: UUID
    number: int
    role: str
    role_label: str
    created_at: Moment
    promoted_at: Moment | None
    run_number: int
    learned_from: int
    verdict: str | None
    verdict_label: str | None
    onnx_sha256: str
    onnx_bytes: int

    @property
    def waiting(self) -> bool:
        return self.role == ModelRole.CANDIDATE


@dataclass(frozen=True)
class ModelsPage:
    rows: tuple[ModelRow, ...]
    next_before: int | None
    """Ask for `before=` this number to see older models; None at the end."""


def models_page(project_id: int, *, before: int | None = None, size: int = PAGE_SIZE) -> ModelsPage:
    """Models of a project, newest first; one query."""
    models = with_decision(ModelVersion.objects.filter(project_id=project_id)).order_by("-number")
    if before is not None:
        models = models.filter(number__lt=before)
    found = list(models[: size + 1])
    more = found[size - 1].number if len(found) > size else None
    return ModelsPage(rows=tuple(rows_of(found[:size])), next_before=more)


def with_decision(models: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """Models that know the newest verdict on them and when they last became champion."""
    decisions = GateDecision.objects.filter(challenger=OuterRef("pk")).order_by("-pk")
    promotions = Promotion.objects.filter(model_version=OuterRef("pk")).order_by("-number")
    return models.select_related("run", "snapshot").annotate(
        verdict=Subquery(decisions.values("verdict")[:1]),
        promoted_at=Subquery(promotions.values("created_at")[:1]),
    )


def rows_of(models: Iterable[ModelVersion]) -> list[ModelRow]:
    return [_row(model) for model in models]


def _row(model: ModelVersion) -> ModelRow:
    verdict: str | None = getattr(model, "verdict", None)
    return ModelRow(
        uid=model.uid,
        number=model.number,
        role=model.role,
        role_label=ModelRole(model.role).label,
        created_at=model.created_at,
        promoted_at=getattr(model, "promoted_at", None),
        run_number=model.run.number,
        learned_from=int(model.snapshot.counts.get("learn", 0)),
        verdict=verdict,
        verdict_label=Verdict(verdict).label if verdict else None,
        onnx_sha256=model.onnx_sha256,
        onnx_bytes=model.onnx_bytes,
    )
