"""What every page shows around its content: who asks, where they may go, in which project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from annotations.queries.admission import Role, User
from annotations.queries.projects_of import OwnProject, projects_of
from reviewhub import __version__


@dataclass(frozen=True)
class Station:
    """One place of the loop; `key` follows "g" on the keyboard."""

    key: str
    url: str
    label: str
    active: bool


@dataclass(frozen=True)
class ProjectLink:
    slug: str
    name: str
    url: str
    note: str


@dataclass(frozen=True)
class Shell:
    user_name: str
    user_uid: str
    user_theme: str
    single_keys: bool
    break_hint: bool
    project: ProjectLink | None
    projects: Sequence[ProjectLink]
    role_name: str
    stations: Sequence[Station]
    documentation_url: str
    status_url: str
    version: str = __version__


STATIONS = (
    ("o", "training:overview", _("Overview"), Role.LEAD),
    ("r", "annotations:review", _("Review"), Role.REVIEWER),
    ("w", "annotations:mine", _("My work"), Role.REVIEWER),
    ("a", "annotations:adjudicate", _("Adjudicate"), Role.LEAD),
    ("q", "annotations:queue", _("Queue"), Role.LEAD),
    ("i", "annotations:items", _("Items"), Role.LEAD),
    ("t", "training:runs", _("Runs"), Role.LEAD),
    ("m", "training:models", _("Models"), Role.LEAD),
    ("l", "annotations:audit", _("Audit trail"), Role.LEAD),
    ("s", "training:settings", _("Settings"), Role.LEAD),
)

# Pages that belong to a station without being it.
PAGES_BELOW = {
    "training:item": "annotations:items",
    "training:run": "training:runs",
    "training:model": "training:models",
    "training:revise_policy": "training:settings",
    "annotations:routing": "training:settings",
    "annotations:simulate": "training:settings",
    "annotations:save-routing": "training:settings",
    "annotations:deliveries": "training:settings",
    "annotations:guideline": "annotations:review",
    "annotations:reopen": "annotations:review",
    "annotations:grids": "annotations:review",
    "annotations:grid": "annotations:review",
    "annotations:jobs": "annotations:items",
}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; two queries for a person, none for anybody else or for a fragment.

    A fragment shows nothing of what stands around it, and so never asks.
    """
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> Shell:
    user = getattr(request, "user", None)
    own = list(projects_of(user)) if isinstance(user, User) else []
    match = request.resolver_match
    slug = match.kwargs.get("slug") if match else None
    here = next((each for each in own if each.project.slug == slug), None)
    return Shell(
        user_name=user.get_username() if isinstance(user, User) else "",
        user_uid=str(user.uid) if isinstance(user, User) else "",
        user_theme=user.theme if isinstance(user, User) else "system",
        single_keys=user.single_keys if isinstance(user, User) else True,
        break_hint=user.break_hint if isinstance(user, User) else False,
        project=_link(here) if here else None,
        projects=[_link(each) for each in own],
        role_name=gettext(here.role.label) if here else "",
        stations=list(_stations(here, match.view_name if match else "")) if here else [],
        documentation_url=settings.REVIEWHUB_DOCUMENTATION_URL,
        status_url=reverse("readyz"),
    )


def _link(own: OwnProject) -> ProjectLink:
    start = "training:overview" if own.role.includes(Role.LEAD) else "annotations:review"
    slug = own.project.slug
    return ProjectLink(slug, own.project.name, reverse(start, args=[slug]), own.project.note)


def _stations(own: OwnProject, view: str) -> Iterator[Station]:
    for key, name, label, at_least in STATIONS:
        if own.role.includes(at_least):
            url = reverse(name, args=[own.project.slug])
            yield Station(key, url, gettext(label), active=PAGES_BELOW.get(view, view) == name)
