from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from annotations.models import Label, Role
from annotations.web.door import MemberRequest, member


@dataclass(frozen=True)
class GuidelinePage:
    number: int
    text: str
    labels: list[Label]
    title: str


@require_GET
@member(Role.REVIEWER)
def guideline(request: MemberRequest) -> HttpResponseBase:
    """The whole guideline of the taxonomy in force."""
    newest = request.project.taxonomies.order_by("-number").prefetch_related("labels")[:1].get()
    labels = list(newest.labels.all())
    page = GuidelinePage(newest.number, newest.guidelines, labels, title=gettext("Guideline"))
    return render(request, "annotations/guideline.html", {"page": page})
