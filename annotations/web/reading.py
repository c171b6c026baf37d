"""The guideline before the work: once a version, and only what is new to whoever reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from annotations.actions.acknowledge_guideline import acknowledge_guideline
from annotations.domain.guideline_changes import Change
from annotations.models import Role
from annotations.queries.readings import Reading
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import InvalidInput


@dataclass(frozen=True)
class ChangeTold:
    text: str
    guideline: str


@dataclass(frozen=True)
class ReadingPage:
    reading: Reading
    changes: Sequence[ChangeTold]
    acknowledge_url: str
    back: str
    """Where whoever was asked had wanted to go."""
    guideline_url: str
    title: str


def ask_to_read(request: MemberRequest, reading: Reading) -> HttpResponseBase:
    """What must be read before the next item is shown; nothing is claimed meanwhile."""
    slug = request.project.slug
    page = ReadingPage(
        reading=reading,
        changes=[ChangeTold(told(change), change.guideline) for change in reading.changes],
        acknowledge_url=reverse("annotations:acknowledge", args=[slug]),
        back=request.path,
        guideline_url=reverse("annotations:guideline", args=[slug]),
        title=gettext("Guideline") if reading.since is None else gettext("What has changed"),
    )
    return render(request, "annotations/reading.html", {"page": page})


@require_POST
@member(Role.REVIEWER)
def acknowledge(request: MemberRequest) -> HttpResponseBase:
    number = request.POST.get("number", "")
    if not number.isdecimal() or len(number) > 9:
        raise InvalidInput(errors=[{"field": "number", "message": "is no number"}])
    acknowledge_guideline(
        project=request.project, user=request.user, number=int(number), now=request.now
    )
    return redirect(_way_back(request))


def _way_back(request: MemberRequest) -> str:
    """To the grid that was asked for, or its choice; else to the bench."""
    slug = [request.project.slug]
    back, grids = request.POST.get("back", ""), reverse("annotations:grids", args=slug)
    wants_grid = back == grids or re.fullmatch(rf"{re.escape(grids)}/[-\w]+", back)
    return back if wants_grid else reverse("annotations:review", args=slug)


def told(change: Change) -> str:
    """A change in a sentence."""
    sentences = {
        "added": gettext("New: %(after)s"),
        "removed": gettext("No longer used: %(before)s"),
        "renamed": gettext("%(before)s is now called %(after)s"),
        "reworded": gettext("%(after)s has another guideline"),
        "merged": ngettext(
            "%(before)s is now called %(after)s",
            "%(before)s are now one: %(after)s",
            len(change.before),
        ),
    }
    names = {"before": ", ".join(change.before), "after": change.after}
    return sentences[change.what] % names
