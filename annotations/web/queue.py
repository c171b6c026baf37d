"""Pages of a lead about the queue: look through it, approve, take out, adjudicate."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.access import actor_of
from annotations.actions.adjudicate import adjudicate
from annotations.actions.approve_annotation import approve_annotation
from annotations.actions.withdraw_entry import withdraw_entry
from annotations.domain.states import EntryState
from annotations.models import Outcome, Role
from annotations.queries.marks import labels_of, said_mark
from annotations.web.box_forms import boxes_meant, rows_in
from annotations.web.contexts.adjudicate import adjudicate_page
from annotations.web.contexts.queue import queue_page
from annotations.web.door import MemberRequest, member, uuid_of
from reviewhub.common.errors import JsonDict, NotFound, ReviewHubError
from reviewhub.common.pages import cursor_of, many, told


@require_GET
@member(Role.LEAD)
def queue(request: MemberRequest) -> HttpResponseBase:
    asked = request.GET.get("state", "")
    state = EntryState(asked) if asked in list(EntryState) else EntryState.AWAITING_REVIEW
    page = queue_page(request.project, state, cursor_of(request.GET), now=request.now)
    return render(request, "annotations/queue.html", {"page": page})


@require_POST
@member(Role.LEAD)
def approve(request: MemberRequest) -> HttpResponseBase:
    """Approve each chosen annotation by itself: one that cannot be is named, the others stand."""
    chosen = [uuid_of(text, "annotation") for text in request.POST.getlist("annotation")]
    approved = sum(_approve(request, uid) for uid in chosen)
    if approved:
        messages.success(request, f"Approved {many(approved, 'annotation')}.")
    return _to_queue(request, EntryState.AWAITING_APPROVAL)


def _approve(request: MemberRequest, uid: UUID) -> bool:
    try:
        approve_annotation(
            project=request.project, annotation_uid=uid, lead=request.user, now=request.now
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
        return False
    return True


@require_POST
@member(Role.LEAD)
def withdraw(request: MemberRequest, entry_uid: UUID) -> HttpResponseBase:
    try:
        withdraw_entry(
            project=request.project,
            entry_uid=entry_uid,
            actor=actor_of(request.user),
            reason=request.POST.get("reason", ""),
            now=request.now,
        )
    except NotFound:
        raise
    except ReviewHubError as error:
        messages.error(request, told(error))
        return redirect("annotations:queue", slug=request.project.slug)
    messages.success(request, "Taken out of the queue.")
    return _to_queue(request, EntryState.WITHDRAWN)


@require_GET
@member(Role.LEAD)
def disputes(request: MemberRequest) -> HttpResponseBase:
    page = adjudicate_page(project=request.project, lead=request.user, now=request.now)
    return render(request, "annotations/adjudicate.html", {"page": page})


@require_POST
@member(Role.LEAD)
def settle(request: MemberRequest) -> HttpResponseBase:
    unusable = "unusable" in request.POST
    try:
        annotation = adjudicate(
            project=request.project,
            entry_uid=uuid_of(request.POST.get("entry"), "entry"),
            lead=request.user,
            outcome=Outcome.UNUSABLE if unusable else Outcome.LABEL,
            label_key=request.POST.get("label", ""),
            boxes=_boxes(request.POST),
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        labels = labels_of(request.project.pk)
        said = said_mark(labels, annotation.label_key, annotation.answer)
        messages.success(request, f"Settled and approved: {said.name or annotation.outcome}.")
    return redirect("annotations:adjudicate", slug=request.project.slug)


def _boxes(form: QueryDict) -> list[JsonDict] | None:
    by_boxes = "boxes" in form or "nothing" in form
    return boxes_meant(form, rows_in(form)) if by_boxes else None


def _to_queue(request: MemberRequest, state: EntryState) -> HttpResponseBase:
    response = redirect("annotations:queue", slug=request.project.slug)
    response["Location"] += f"?state={state}"
    return response
