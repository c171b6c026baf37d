"""Numbered versions never change once written: each process reads them once and remembers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from annotations.models import Label, Project, ReviewPolicy, Taxonomy

# The project's uid is part of each key: ids begin anew in another database, uids never do.


def review_policy(project: Project, policy_id: int) -> ReviewPolicy:
    return _review_policy(project.uid, policy_id)


def taxonomy(project: Project, taxonomy_id: int) -> Taxonomy:
    """One of the project's label sets; its labels are loaded."""
    return _taxonomy(project.uid, taxonomy_id)


def labels_in(project: Project, taxonomy_id: int) -> Mapping[str, Label]:
    """The labels of one of the project's taxonomies by key, in their order."""
    return _labels_in(project.uid, taxonomy_id)


@lru_cache(maxsize=1000)
def _review_policy(project_uid: UUID, policy_id: int) -> ReviewPolicy:
    return ReviewPolicy.objects.get(pk=policy_id, project__uid=project_uid)


@lru_cache(maxsize=1000)
def _taxonomy(project_uid: UUID, taxonomy_id: int) -> Taxonomy:
    versions = Taxonomy.objects.filter(project__uid=project_uid)
    return versions.prefetch_related("labels").get(pk=taxonomy_id)


@lru_cache(maxsize=1000)
def _labels_in(project_uid: UUID, taxonomy_id: int) -> Mapping[str, Label]:
    return {label.key: label for label in _taxonomy(project_uid, taxonomy_id).labels.all()}
