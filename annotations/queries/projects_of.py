from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from annotations.models import Membership, Project, QueueEntry, Role, User


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
    """Entries that wait for review, by project; a project without any is left out."""
    entries = QueueEntry.objects.filter(project__in=projects, state="awaiting_review")
    return dict(entries.values_list("project").annotate(number=Count("pk")))
