"""Numbered versions never change once written: each process reads them once and remembers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from annotations.models import Label, Project, ReviewPolicy, RoutingPolicy, Taxonomy
from reviewhub.common.statements import Statement


class _Newest(NamedTuple):
    id: int


def _newest(table: str) -> Statement[_Newest]:
    sql = f"SELECT id FROM {table} WHERE project_id = %(project)s ORDER BY number DESC LIMIT 1"  # noqa: S608 (our own names)
    return Statement(sql, _Newest)


_NEWEST_TAXONOMY = _newest("annotations_taxonomy")
_NEWEST_REVIEW_POLICY = _newest("annotations_reviewpolicy")
_NEWEST_ROUTING_POLICY = _newest("annotations_routingpolicy")

# The project's uid is part of each key: ids begin anew in another database, uids never do.


def newest_taxonomy_id(project: Project) -> int:
    return _the(_NEWEST_TAXONOMY, project)


def newest_review_policy(project: Project) -> ReviewPolicy:
    return _review_policy(project.uid, _the(_NEWEST_REVIEW_POLICY, project))


def newest_routing_policy(project: Project) -> RoutingPolicy:
    return _routing_policy(project.uid, _the(_NEWEST_ROUTING_POLICY, project))


def _the(newest: Statement[_Newest], project: Project) -> int:
    (found,) = newest.all(project=project.pk)
    return found.id


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
def _routing_policy(project_uid: UUID, policy_id: int) -> RoutingPolicy:
    return RoutingPolicy.objects.get(pk=policy_id, project__uid=project_uid)


@lru_cache(maxsize=1000)
def _taxonomy(project_uid: UUID, taxonomy_id: int) -> Taxonomy:
    versions = Taxonomy.objects.filter(project__uid=project_uid)
    return versions.prefetch_related("labels").get(pk=taxonomy_id)


@lru_cache(maxsize=1000)
def _labels_in(project_uid: UUID, taxonomy_id: int) -> Mapping[str, Label]:
    return {label.key: label for label in _taxonomy(project_uid, taxonomy_id).labels.all()}
