"""What people say to one another about an item: a comment, to the lead, back to a reviewer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from annotations.actions.comment_on import comment_on
from annotations.actions.return_to_reviewer import return_to_reviewer
from annotations.actions.send_to_lead import send_to_lead
from annotations.models import Role
from annotations.web import bench
from annotations.web.answer_form import seconds_in
from annotations.web.door import MemberRequest, from_bench, member, uuid_of
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import told


@require_POST
@member(Role.REVIEWER)
def comment(request: MemberRequest) -> HttpResponseBase:
    """Keep a comment; the item stays where it is."""
    try:
        comment_on(
            project=request.project,
            entry_uid=uuid_of(request.POST.get("entry"), "entry"),
            author=request.user,
            text=request.POST.get("text", ""),
            now=request.now,
        )
    except ReviewHubError as error:
        return _refused(request, error)
    message = gettext("Your comment is kept with the item.")
    if from_bench(request):
        return bench.as_json({"message": message})
    return _back(request, message)


@require_POST
@member(Role.REVIEWER)
def lead(request: MemberRequest) -> HttpResponseBase:
    """Send the item to the lead; the next one takes its place, as after an answer."""
    try:
        review = send_to_lead(
            project=request.project,
            entry_uid=uuid_of(request.POST.get("entry"), "entry"),
            reviewer=request.user,
            text=request.POST.get("text", ""),
            token=uuid_of(request.POST.get("token"), "token"),
            seconds=seconds_in(request.POST, request.now),
            now=request.now,
        )
    except ReviewHubError as error:
        return _refused(request, error)
    if from_bench(request):
        return bench.stored(request, review)
    return _back(request, gettext("Sent to the lead."))


def _refused(request: MemberRequest, error: ReviewHubError) -> HttpResponseBase:
    if from_bench(request):
        raise error
    messages.error(request, told(error))
    return redirect("annotations:review", slug=request.project.slug)


def _back(request: MemberRequest, message: str) -> HttpResponseBase:
    messages.success(request, message)
    return redirect("annotations:review", slug=request.project.slug)


@require_POST
@member(Role.LEAD)
def give_back(request: MemberRequest) -> HttpResponseBase:
    """Return an answer to its reviewer, from a dispute or from what awaits approval."""
    try:
        referral = return_to_reviewer(
            project=request.project,
            review_uid=uuid_of(request.POST.get("review"), "review"),
            lead=request.user,
            text=request.POST.get("reason", ""),
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(
            request, f"Returned: {referral.entry.item.external_id} is on its reviewer's bench."
        )
    page = "annotations:queue" if "queue" in request.POST else "annotations:adjudicate"
    response = redirect(page, slug=request.project.slug)
    if "queue" in request.POST:
        response["Location"] += "?state=awaiting_approval"
    return response
