"""Judging many: choose a label, mark the odd ones, confirm the rest."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import wraps

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.actions.answer_grid import answer_grid
from annotations.actions.leave_grid import leave_grid
from annotations.actions.show_grid import show_grid
from annotations.actions.undo_review import undo_review
from annotations.errors import GridNotAllowed, GridTooQuick, UnknownLabel
from annotations.models import Grid, Role
from annotations.queries.grid_cells import held_grid
from annotations.queries.readings import newest_reading
from annotations.web import bench
from annotations.web.contexts.grid import choice_page, done_sentence, grid_page
from annotations.web.contexts.grid_words import refusal
from annotations.web.door import MemberRequest, from_bench, member, uuid_of
from annotations.web.reading import ask_to_read
from reviewhub.common.errors import InvalidInput, NotFound, ReviewHubError
from reviewhub.common.pages import told

GridView = Callable[..., HttpResponseBase]


@never_cache
@require_GET
@member(Role.REVIEWER)
def grids(request: MemberRequest) -> HttpResponseBase:
    reading = newest_reading(request.project, request.user)
    if reading is not None:
        return ask_to_read(request, reading)
    page = choice_page(request.project, request.user, request.now)
    return render(request, "annotations/grids.html", {"page": page})


def _keeping_marks(view: GridView) -> GridView:
    """Lead back to the grid with its marks, without a script, when the session has run out."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        if request.method != "POST" or request.user.is_authenticated or from_bench(request):
            return view(request, **kwargs)
        marks = QueryDict(mutable=True)
        for name in ("grid", "odd"):
            marks.setlist(name, request.POST.getlist(name))
        return redirect_to_login(f"{request.path}?{marks.urlencode()}")

    return wrapped


@never_cache
@require_http_methods(["GET", "POST"])
@_keeping_marks
@member(Role.REVIEWER)
def grid(request: MemberRequest, label: str) -> HttpResponseBase:
    """The grid of a label, or its answer: then the odd ones one by one, else the next grid."""
    if request.method == "POST":
        return _answer(request, label)
    reading = newest_reading(request.project, request.user)
    return _show(request, label) if reading is None else ask_to_read(request, reading)


@require_POST
@member(Role.REVIEWER)
def undo(request: MemberRequest) -> HttpResponseBase:
    """Take one cell of the last grid back; it waits on the bench."""
    try:
        undo_review(
            project=request.project,
            review_uid=uuid_of(request.POST.get("review"), "review"),
            reviewer=request.user,
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, _("Taken back: it is the next one on your bench."))
    return redirect("annotations:grids", slug=request.project.slug)


@require_POST
@member(Role.REVIEWER)
def leave(request: MemberRequest) -> HttpResponseBase:
    """Give the grid back unanswered."""
    leave_grid(project=request.project, reviewer=request.user, now=request.now)
    messages.success(request, _("Given back: nothing was decided."))
    return redirect("annotations:grids", slug=request.project.slug)


def _show(request: MemberRequest, label: str) -> HttpResponseBase:
    slug = request.project.slug
    try:
        found = show_grid(
            project=request.project,
            reviewer=request.user,
            label=label,
            seed=secrets.randbits(63),
            now=request.now,
        )
    except UnknownLabel as error:
        raise NotFound(error.title) from error
    except GridNotAllowed as error:
        messages.error(request, refusal(error))
        return redirect("annotations:grids", slug=slug)
    if found is None:
        messages.info(request, _("None of these waits just now."))
        return redirect("annotations:grids", slug=slug)
    if found.label_key != label:
        messages.info(request, _("This one lies before you already."))
        return redirect("annotations:grid", slug=slug, label=found.label_key)
    came_back = request.GET.get("grid") == str(found.uid)
    return _page(request, found, marked=_numbers(request.GET.getlist("odd")) if came_back else ())


def _answer(request: MemberRequest, label: str) -> HttpResponseBase:
    odd = _numbers(request.POST.getlist("odd"))
    try:
        answer = answer_grid(
            project=request.project,
            grid_uid=uuid_of(request.POST.get("grid"), "grid"),
            reviewer=request.user,
            odd=odd,
            token=uuid_of(request.POST.get("token"), "token"),
            now=request.now,
        )
    except GridTooQuick as error:
        lies_there = held_grid(request.project, request.user)
        if from_bench(request) or lies_there is None:
            raise GridTooQuick(refusal(error), **error.data) from error
        return _page(request, lies_there, marked=odd, error=error)
    messages.success(request, done_sentence(answer))
    slug = request.project.slug
    if answer.to_judge:
        return _go(request, reverse("annotations:review", args=[slug]))
    return _go(request, reverse("annotations:grid", args=[slug, label]))


def _page(
    request: MemberRequest,
    found: Grid,
    *,
    marked: Sequence[int] = (),
    error: GridTooQuick | None = None,
) -> HttpResponseBase:
    page = grid_page(
        request.project,
        request.user,
        found,
        now=request.now,
        marked=marked,
        token=request.POST.get("token", ""),
        error=f"{_(error.title)}. {refusal(error)}" if error else "",
    )
    status = error.status if error else 200
    return render(request, "annotations/grid.html", {"page": page}, status=status)


def _go(request: MemberRequest, url: str) -> HttpResponseBase:
    return bench.as_json({"url": url}) if from_bench(request) else redirect(url)


def _numbers(texts: Sequence[str]) -> list[int]:
    if not all(text.isdecimal() and len(text) < 4 for text in texts):
        raise InvalidInput(errors=[{"field": "odd", "message": "numbers of pictures"}])
    return [int(text) for text in texts]
