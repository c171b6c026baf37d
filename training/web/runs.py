"""Training runs: the list, one run as it goes, a new one, an end to one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import cursor_of, told
from training.actions.cancel_run import cancel_run
from training.actions.request_run import request_run
from training.queries.overview import overview_of
from training.queries.run_detail import run_numbered
from training.web.contexts.runs import run_context, runs_context
from training.web.door import LeadRequest, lead


@require_GET
@lead
def runs(request: LeadRequest) -> HttpResponseBase:
    project = request.admission.project
    page = runs_context(
        project_id=project.pk,
        slug=project.slug,
        before=cursor_of(request.GET.dict()).before,
        loop=overview_of(project.pk),
    )
    fragment = "training/fragments/runs_table.html"
    return render(request, fragment if request.htmx else "training/runs.html", {"page": page})


@require_GET
@lead
def run(request: LeadRequest, number: int) -> HttpResponseBase:
    project = request.admission.project
    page = run_context(project_id=project.pk, slug=project.slug, number=number)
    fragment = "training/fragments/run_live.html"
    return render(request, fragment if request.htmx else "training/run.html", {"page": page})


@require_POST
@lead
def request_new(request: LeadRequest) -> HttpResponseBase:
    project = request.admission.project
    why = request.POST.get("reason", "").strip()[:300]
    try:
        queued = request_run(
            project_id=project.pk,
            requested_by=request.admission.actor,
            reasons=[why or "A lead asked for it."],
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
        return redirect("training:runs", slug=project.slug)
    return redirect("training:run", slug=project.slug, number=queued.number)


@require_POST
@lead
def cancel(request: LeadRequest, number: int) -> HttpResponseBase:
    project = request.admission.project
    try:
        cancel_run(
            run=run_numbered(project.pk, number), actor=request.admission.actor, now=request.now
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, f"Run {number} is being cancelled.")
    return redirect("training:run", slug=project.slug, number=number)
