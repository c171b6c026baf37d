"""The workbench: one item, one answer, the next item; as a page, and for its script as JSON."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotations.actions.claim_next import claim_next
from annotations.models import Role
from annotations.queries.readings import newest_reading
from annotations.queries.workbench import holds
from annotations.web import bench
from annotations.web.answer_form import draft_in, store
from annotations.web.box_forms import Draft, blank_rows
from annotations.web.contexts.workbench import workbench_page
from annotations.web.door import MemberRequest, from_bench, member
from annotations.web.reading import ask_to_read
from annotations.web.reopening import take_back
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import told


@never_cache
@require_GET
@member(Role.REVIEWER)
def review(request: MemberRequest) -> HttpResponseBase:
    reading = newest_reading(request.project, request.user)
    return _bench(request) if reading is None else ask_to_read(request, reading)


@require_POST
@member(Role.REVIEWER)
def answer(request: MemberRequest) -> HttpResponseBase:
    """Store the answer and show the next item; what cannot be stored is said beside it."""
    if from_bench(request):
        return bench.stored(request, store(request, draft_in(request.POST)))
    draft = None
    try:
        draft = draft_in(request.POST)
        if draft and "more" in request.POST:
            rows = [*draft.rows, *blank_rows()]
            return _bench(request, draft=replace(draft, rows=rows))
        given = store(request, draft)
    except ReviewHubError as error:
        return _bench(request, error=error, draft=draft) if draft else _next(request, error=error)
    return _next(request, message=bench.saved(request, given))


@require_POST
@member(Role.REVIEWER)
def undo(request: MemberRequest) -> HttpResponseBase:
    try:
        undone = take_back(request)
    except ReviewHubError as error:
        if from_bench(request):
            raise
        if url := str(error.data.get("reopen_url", "")):
            return redirect(url)
        return _next(request, error=error)
    message = gettext("Taken back: judge it again")
    if not holds(request.user, undone.entry_id):
        message = gettext("Taken back")
    if from_bench(request):
        return bench.taken_back(request, undone, message)
    return _next(request, message=message)


def _next(
    request: MemberRequest, *, message: str = "", error: ReviewHubError | None = None
) -> HttpResponseBase:
    """The next item by redirect, so that a reload sends nothing."""
    if error is not None:
        messages.error(request, told(error))
    else:
        messages.success(request, message)
    return redirect("annotations:review", slug=request.project.slug)


def _bench(
    request: MemberRequest,
    *,
    error: ReviewHubError | None = None,
    draft: Draft | None = None,
) -> HttpResponse:
    page = workbench_page(
        project=request.project,
        reviewer=request.user,
        assignment=claim_next(project=request.project, reviewer=request.user, now=request.now),
        now=request.now,
        error=error,
        draft=draft,
    )
    # The token itself: templates touch the lazy one of the context processor again and again.
    context = {"page": page, "csrf_token": get_token(request)}
    return render(request, "annotations/review.html", context)
