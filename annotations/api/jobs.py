"""Long work: watched, and ended early."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.door import Access, ProjectView
from annotations.api.paging import filters_of, limit_of, page_answer
from annotations.models import Role, Verb
from annotations.queries.jobs import job_of, jobs_of
from reviewhub.common.errors import JsonDict
from reviewhub.common.jobs import cancel_job
from reviewhub.common.models import Job
from reviewhub.common.pages import cursor_of

WATCH = Access(tuple(Verb), Role.LEAD)
CANCEL = Access((Verb.PREDICT, Verb.LABEL, Verb.RELEASE), Role.LEAD)


class Jobs(ProjectView):
    """GET jobs, newest first; `older` and `newer` are addresses of the next pages."""

    access = {"get": WATCH}

    def get(self, request: Request, slug: str) -> Response:
        filters_of(request)
        part = jobs_of(self.project.pk, cursor_of(request.query_params), limit_of(request))
        return page_answer(request, "jobs", part, told, {})


class JobDetail(ProjectView):
    """GET a job as it goes; `result` is there once it has succeeded."""

    access = {"get": WATCH}

    def get(self, request: Request, slug: str, uid: UUID) -> Response:
        return Response(told(job_of(self.project.pk, uid)))


class JobCancellations(ProjectView):
    """POST to end a job: at once when it waits, at its next step when it runs."""

    access = {"post": CANCEL}

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        job = cancel_job(job=job_of(self.project.pk, uid), actor=self.actor, now=self.now)
        return Response(told(job), status=202)


def told(job: Job) -> JsonDict:
    """Times are ISO 8601; `total` is null as long as nobody knows."""
    return {
        "uid": str(job.uid),
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "attempt": job.attempt,
        "cancelling": job.state == "running" and job.cancel_requested_at is not None,
        "result": job.result,
        "error": {"code": job.error_code, "detail": job.error} if job.error else None,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "ended_at": job.ended_at.isoformat() if job.ended_at else None,
    }
