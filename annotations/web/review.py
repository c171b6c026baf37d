"""The workbench: one item, one answer, the next item."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import get_args

from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import Answer, submit_review
from annotations.actions.undo_review import undo_review
from annotations.domain.words import verdict_word
from annotations.models import Role
from annotations.queries.marks import said_mark
from annotations.queries.versions import labels_in
from annotations.web.box_forms import Draft, blank_rows, boxes_meant, rows_in
from annotations.web.contexts.bench import STARTED
from annotations.web.contexts.workbench import workbench_page
from annotations.web.door import MemberRequest, member, uuid_of
from reviewhub.common.errors import InvalidInput, JsonDict, ReviewHubError
from reviewhub.common.pages import told


@never_cache
@require_GET
@member(Role.REVIEWER)
def review(request: MemberRequest) -> HttpResponseBase:
    return _bench(request)


@require_POST
@member(Role.REVIEWER)
def answer(request: MemberRequest) -> HttpResponseBase:
    """Store the answer and show the next item; what cannot be stored is said beside it."""
    form = request.POST
    draft = None
    try:
        draft = _draft(form)
        if draft and "more" in form:
            rows = [*draft.rows, *blank_rows()]
            return _bench(request, draft=replace(draft, rows=rows))
        stored = submit_review(
            project=request.project,
            entry_uid=uuid_of(form.get("entry"), "entry"),
            reviewer=request.user,
            verdict=_verdict(form.get("verdict")),
            label_key=form.get("label", ""),
            boxes=_boxes(form, draft),
            reason=form.get("reason", ""),
            token=uuid_of(form.get("token"), "token"),
            seconds=_seconds(form.get("started", ""), request.now),
            now=request.now,
        )
    except ReviewHubError as error:
        return _bench(request, error=error, draft=draft) if draft else _next(request, error=error)
    labels = labels_in(request.project, stored.entry.taxonomy_id)
    said = said_mark(labels, stored.label_key, stored.answer)
    return _next(request, message=f"Saved: {said.name or verdict_word(stored.verdict)}")


@require_POST
@member(Role.REVIEWER)
def undo(request: MemberRequest) -> HttpResponseBase:
    try:
        undo_review(
            project=request.project,
            review_uid=uuid_of(request.POST.get("review"), "review"),
            reviewer=request.user,
            now=request.now,
        )
    except ReviewHubError as error:
        return _next(request, error=error)
    return _next(request, message="Taken back: judge it again")


def _next(
    request: MemberRequest, *, message: str = "", error: ReviewHubError | None = None
) -> HttpResponseBase:
    """The next item as a fragment for htmx, else by redirect so that a reload sends nothing."""
    if request.htmx:
        return _bench(request, message=message, error=error)
    if error is not None:
        messages.error(request, told(error))
    else:
        messages.success(request, message)
    return redirect("annotations:review", slug=request.project.slug)


def _bench(
    request: MemberRequest,
    *,
    message: str = "",
    error: ReviewHubError | None = None,
    draft: Draft | None = None,
) -> HttpResponse:
    page = workbench_page(
        project=request.project,
        reviewer=request.user,
        assignment=claim_next(project=request.project, reviewer=request.user, now=request.now),
        now=request.now,
        message=message,
        error=error,
        draft=draft,
    )
    fragment = "annotations/fragments/workbench.html"
    template = fragment if request.htmx else "annotations/review.html"
    # The token itself: templates touch the lazy one of the context processor again and again.
    return render(request, template, {"page": page, "csrf_token": get_token(request)})


def _draft(form: QueryDict) -> Draft | None:
    """What was typed about boxes; the page keeps it whatever becomes of the answer."""
    if form.get("verdict") != "boxes":
        return None
    return Draft(form.get("entry", ""), rows_in(form))


def _boxes(form: QueryDict, draft: Draft | None) -> list[JsonDict] | None:
    return None if draft is None else boxes_meant(form, draft.rows)


def _verdict(text: str | None) -> Answer:
    for known in get_args(Answer):
        if text == known:
            verdict: Answer = known
            return verdict
    raise InvalidInput(errors=[{"field": "verdict", "message": f"one of {get_args(Answer)}"}])


def _seconds(started: str, now: datetime) -> float:
    """Seconds since the item was shown, from the signed time of the form."""
    try:
        return (now - datetime.fromisoformat(STARTED.unsign(started))).total_seconds()
    except (BadSignature, ValueError) as error:
        raise InvalidInput(
            errors=[{"field": "started", "message": "is not the time this page was made"}]
        ) from error
