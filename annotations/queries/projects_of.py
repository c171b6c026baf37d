from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from annotations.domain import counters
from annotations.domain.states import EntryState
from annotations.models import Membership, Project, Role, User
from reviewhub.common import tally


@dataclass(frozen=True)
class OwnProject:
    project: Project
    role: Role


def projects_of(user: User) -> Sequence[OwnProject]:
    """The projects a person may enter, with their role, by name; two queries, nothing counted.

    A superuser enters every project as an operator.
    """
    projects = Project.objects.order_by("name")
    roles = dict(Membership.objects.filter(user=user).values_list("project", "role"))
    if not user.is_superuser:
        projects = projects.filter(pk__in=roles)
    return [
        OwnProject(
            project=project,
            role=Role.OPERATOR if user.is_superuser else Role(roles[project.pk]),
        )
        for project in projects
    ]


def waiting_in(projects: Collection[Project]) -> Mapping[int, int]:
    """Entries that wait for review, by project; one query."""
    name = counters.state(EntryState.AWAITING_REVIEW)
    return tally.of_projects([project.pk for project in projects], name)
