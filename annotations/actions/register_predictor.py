from __future__ import annotations

from datetime import datetime

from annotations.errors import TaxonomyMismatch
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

    A version answers under one taxonomy for ever: another one is a TaxonomyMismatch.
    """
    predictor, _ = Predictor.objects.get_or_create(
        project=project,
        name=name,
        version=version,
        defaults={"taxonomy": taxonomy, "origin": origin, "created_at": now},
    )
    if predictor.taxonomy_id != taxonomy.pk:
        raise TaxonomyMismatch(predictor=str(predictor))
    return predictor
