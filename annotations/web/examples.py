"""Items pinned as examples of labels, from an item's page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotations.actions.pin_example import pin_example
from annotations.actions.unpin_example import unpin_example
from annotations.models import Role
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import NotFound, ReviewHubError
from reviewhub.common.pages import told


@require_POST
@member(Role.LEAD)
def pin(request: MemberRequest, item_uid: UUID) -> HttpResponseBase:
    try:
        pin_example(
            project=request.project,
            item_uid=item_uid,
            label_key=request.POST.get("label", ""),
            lead=request.user,
            now=request.now,
        )
    except NotFound:
        raise
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, "Pinned: reviewers see it beside the guideline.")
    return redirect("training:item", slug=request.project.slug, item_uid=item_uid)


@require_POST
@member(Role.LEAD)
def unpin(request: MemberRequest, item_uid: UUID) -> HttpResponseBase:
    unpin_example(
        project=request.project,
        item_uid=item_uid,
        label_key=request.POST.get("label", ""),
        lead=request.user,
        now=request.now,
    )
    messages.success(request, "No longer an example.")
    return redirect("training:item", slug=request.project.slug, item_uid=item_uid)
