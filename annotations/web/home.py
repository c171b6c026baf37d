"""Pages of a person outside any project: my projects, my profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from annotations.actions.revise_profile import revise_profile
from annotations.models import Role, User
from annotations.queries.projects_of import OwnProject, projects_of, waiting_in
from annotations.web.forms import ProfileForm


@dataclass(frozen=True)
class ProjectRow:
    name: str
    url: str
    role: str
    waiting: int
    review_url: str


@dataclass(frozen=True)
class ProjectsPage:
    projects: list[ProjectRow]
    title: str


@login_required
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    own = projects_of(cast(User, request.user))
    waiting = waiting_in([each.project for each in own])
    rows = [_row(each, waiting.get(each.project.pk, 0)) for each in own]
    page = ProjectsPage(rows, title=gettext("My projects"))
    return render(request, "annotations/projects.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, initial=ProfileForm.initial_of(user))
    if request.method == "POST" and form.is_valid():
        revise_profile(user=user, **form.cleaned_data)
        # Already in the language that was chosen on it.
        with translation.override(user.language or translation.get_language()):
            messages.success(request, gettext("Profile saved."))
        return redirect("annotations:profile")
    return render(request, "annotations/profile.html", {"form": form})


def _row(own: OwnProject, waiting: int) -> ProjectRow:
    slug = own.project.slug
    review = reverse("annotations:review", args=[slug])
    overview = reverse("training:overview", args=[slug])
    return ProjectRow(
        name=own.project.name,
        url=overview if own.role.includes(Role.LEAD) else review,
        role=gettext(own.role.label),
        waiting=waiting,
        review_url=review,
    )
