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
from annotations.actions.undo_review import undo_review
from annotations.errors import UndoImpossible
from annotations.models import Review, Role
from annotations.queries.uses import OwnUse, own_use
from annotations.queries.workbench import sent_with
from annotations.web.door import MemberRequest, member, uuid_of
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
        page = ReopenPage(use, _may_look(request), review_url, gettext("Re-open an item"))
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


def take_back(request: MemberRequest) -> Review:
    """Undo the answer that a form names; once it has been used, the refusal holds the way out.

    Then `where` keeps only the places that the person may enter. Whoever has no receipt of the
    answer names the token that it was sent with.
    """
    review_uid = _named(request)
    try:
        return undo_review(
            project=request.project,
            review_uid=review_uid,
            reviewer=request.user,
            now=request.now,
        )
    except UndoImpossible as error:
        if "where" in error.data:
            url = reverse("annotations:reopen", args=[request.project.slug, review_uid])
            error.data["reopen_url"] = url
            if not _may_look(request):
                error.data["where"] = []
        raise


def _named(request: MemberRequest) -> UUID:
    if "token" not in request.POST:
        return uuid_of(request.POST.get("review"), "review")
    token = uuid_of(request.POST["token"], "token")
    return sent_with(request.project, request.user, token)


def _may_look(request: MemberRequest) -> bool:
    return has_role(request.user, request.project, Role.LEAD)
