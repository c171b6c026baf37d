"""Long work that somebody waits for, and an end to it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.access import actor_of
from annotations.models import Role
from annotations.queries.jobs import job_of
from annotations.web.contexts.jobs import jobs_page
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.jobs import cancel_job
from reviewhub.common.pages import cursor_of, told


@require_GET
@member(Role.LEAD)
def jobs(request: MemberRequest) -> HttpResponseBase:
    page = jobs_page(request.project, cursor_of(request.GET), request.get_full_path())
    fragment = "annotations/fragments/jobs_table.html"
    return render(request, fragment if request.htmx else "annotations/jobs.html", {"page": page})


@require_POST
@member(Role.LEAD)
def cancel(request: MemberRequest, job_uid: UUID) -> HttpResponseBase:
    job = job_of(request.project.pk, job_uid)
    try:
        cancel_job(job=job, actor=actor_of(request.user), now=request.now)
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, "The job is being cancelled. What it has done stays done.")
    return redirect("annotations:jobs", slug=request.project.slug)
