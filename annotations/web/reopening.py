"""When an answer can no longer be taken back: where it went, and the item opened again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations.access import has_role
from annotations.actions.reopen_entry import reopen_entry
from annotations.errors import UndoImpossible
from annotations.models import Role
from annotations.queries.uses import OwnUse, own_use
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import told


@dataclass(frozen=True)
class ReopenPage:
    use: OwnUse
    linked: bool
    """Whether the person may go where it went."""
    review_url: str
    title: str


@never_cache
@require_http_methods(["GET", "POST"])
@member(Role.REVIEWER)
def reopen(request: MemberRequest, review_uid: UUID) -> HttpResponseBase:
    """Ask first, then put the item on the bench again."""
    review_url = reverse("annotations:review", args=[request.project.slug])
    if request.method == "GET":
        use = own_use(request.project, request.user, review_uid)
        page = ReopenPage(use, _linked(request), review_url, gettext("Re-open an item"))
        return render(request, "annotations/reopen.html", {"page": page})
    try:
        reopen_entry(
            project=request.project,
            review_uid=review_uid,
            reviewer=request.user,
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, gettext("Opened again: judge it anew."))
    return redirect(review_url)


def offering(request: MemberRequest, error: UndoImpossible, review_uid: UUID) -> UndoImpossible:
    """The same refusal with the way out, and only those places that the person may enter."""
    if "where" not in error.data:
        return error
    if not _linked(request):
        error.data["where"] = []
    error.data["reopen_url"] = reverse(
        "annotations:reopen", args=[request.project.slug, review_uid]
    )
    return error


def _linked(request: MemberRequest) -> bool:
    return has_role(request.user, request.project, Role.LEAD)
