from __future__ import annotations

from datetime import datetime

from annotations.models import Origin, Predictor, Project, Taxonomy


def register_predictor(
    *,
    project: Project,
    name: str,
    version: str,
    origin: Origin,
    taxonomy: Taxonomy,
    now: datetime,
) -> Predictor:
    """The predictor of that name and version, made on first sight; safe to race.

    A version answers under one taxonomy for ever: whoever comes second, in the same moment or
    later, is given the predictor of the first, which may answer under another than `taxonomy`.
    """
    predictor, _ = Predictor.objects.get_or_create(
        project=project,
        name=name,
        version=version,
        defaults={"taxonomy": taxonomy, "origin": origin, "created_at": now},
    )
    return predictor
