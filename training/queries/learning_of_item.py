from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from training.models import EvaluationMember, ModelVersion, SnapshotMember


@dataclass(frozen=True)
class ModelMention:
    number: int
    role: str
    created_at: datetime


@dataclass(frozen=True)
class LearnedIn:
    """One snapshot that holds an annotation of the item, and the models that learned from it."""

    snapshot_digest: str
    frozen_at: datetime
    fold: str
    annotation_id: int
    models: tuple[ModelMention, ...]


@dataclass(frozen=True)
class AskedIn:
    """One evaluation set that asks about the item."""

    name: str
    kind: str
    annotation_id: int
    created_at: datetime


@dataclass(frozen=True)
class LearningOfItem:
    learned_in: tuple[LearnedIn, ...]
    asked_in: tuple[AskedIn, ...]


def learning_of_item(item_id: int) -> LearningOfItem:
    """Where the truth about an item went, oldest first; the same few queries for any item."""
    members = (
        SnapshotMember.objects.filter(annotation__item_id=item_id)
        .select_related("snapshot")
        .prefetch_related(
            Prefetch("snapshot__model_versions", ModelVersion.objects.order_by("number"))
        )
        .order_by("snapshot__created_at", "pk")
    )
    asked = EvaluationMember.objects.filter(annotation__item_id=item_id)
    return LearningOfItem(
        learned_in=tuple(_learned(member) for member in members),
        asked_in=tuple(
            AskedIn(
                member.evaluation_set.name,
                member.evaluation_set.kind,
                member.annotation_id,
                member.evaluation_set.created_at,
            )
            for member in asked.select_related("evaluation_set").order_by("pk")
        ),
    )


def _learned(member: SnapshotMember) -> LearnedIn:
    snapshot = member.snapshot
    return LearnedIn(
        snapshot_digest=snapshot.digest,
        frozen_at=snapshot.created_at,
        fold=member.fold,
        annotation_id=member.annotation_id,
        models=tuple(
            ModelMention(model.number, model.role, model.created_at)
            for model in snapshot.model_versions.all()
        ),
    )
