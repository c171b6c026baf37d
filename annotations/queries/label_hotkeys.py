from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F, Max

from annotations.models import Label, User
from annotations.queries.projects_of import projects_of


def label_hotkeys(user: User) -> Mapping[str, str]:
    """Letters that choose a label in one of the person's projects today, with label and project.

    Digits are left out: they choose labels everywhere.
    """
    projects = {own.project.pk: own.project.name for own in projects_of(user)}
    labels = (
        Label.objects.filter(taxonomy__project__in=projects)
        .annotate(newest=Max("taxonomy__project__taxonomies__number"))
        .filter(taxonomy__number=F("newest"))
        .exclude(hotkey__in="0123456789")
        .values_list("hotkey", "name", "taxonomy__project")
    )
    return {key.lower(): f"{name} ({projects[project]})" for key, name, project in labels}
