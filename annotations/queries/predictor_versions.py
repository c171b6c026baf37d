from __future__ import annotations

from annotations.models import Predictor


def predictor_versions(project_id: int, name: str) -> set[str]:
    """The versions under which a predictor is known in traffic, whoever's it is; one query."""
    known = Predictor.objects.filter(project=project_id, name=name)
    return set(known.values_list("version", flat=True))
