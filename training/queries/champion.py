from __future__ import annotations

from training.errors import NoChampion, UnknownModel
from training.models import ModelRole, ModelVersion


def champion_of(project_id: int) -> ModelVersion | None:
    """The model in force, or None before the first promotion; one query."""
    found = ModelVersion.objects.filter(project_id=project_id, role=ModelRole.CHAMPION)
    return found.select_related("predictor", "snapshot", "project").first()


def champion_or_refuse(project_id: int) -> ModelVersion:
    """The same; raises NoChampion."""
    champion = champion_of(project_id)
    if champion is None:
        raise NoChampion
    return champion


def model_numbered(project_id: int, number: int) -> ModelVersion:
    """The model with this number; raises UnknownModel."""
    found = ModelVersion.objects.filter(project_id=project_id, number=number)
    model = found.select_related("predictor", "snapshot", "project").first()
    if model is None:
        raise UnknownModel(f"There is no model {number}.")
    return model
