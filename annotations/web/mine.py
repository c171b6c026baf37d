"""My work: what I did, and what a lead has given back to me."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotations.actions.take_returned import take_returned
from annotations.models import Role
from annotations.web.contexts.mine import mine_page
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import cursor_of, told


@never_cache
@require_GET
@member(Role.REVIEWER)
def mine(request: MemberRequest) -> HttpResponseBase:
    page = mine_page(
        project=request.project,
        reviewer=request.user,
        query=request.GET.dict(),
        cursor=cursor_of(request.GET),
        now=request.now,
    )
    return render(request, "annotations/mine.html", {"page": page})


@require_POST
@member(Role.REVIEWER)
def take(request: MemberRequest, referral_uid: UUID) -> HttpResponseBase:
    """Put a returned item on one's bench, and go there."""
    try:
        take_returned(
            project=request.project,
            referral_uid=referral_uid,
            reviewer=request.user,
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
        return redirect("annotations:mine", slug=request.project.slug)
    return redirect("annotations:review", slug=request.project.slug)
