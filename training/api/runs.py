from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.status import HTTP_201_CREATED, HTTP_202_ACCEPTED

from training.actions.cancel_run import cancel_run
from training.actions.request_run import request_run
from training.api.bodies import before_in, reasons_in
from training.api.door import READ_MODELS, RELEASE, ReleaseView
from training.api.presenters import present_run, present_run_detail
from training.queries.run_detail import detail_of, run_detail, run_with_uid
from training.queries.runs_page import runs_page


class RunsView(ReleaseView):
    """Training runs, newest first; POST requests one.

    409 `run_already_active`, or `nothing_learns_this` in a project without a learner.
    """

    access = {"get": READ_MODELS, "post": RELEASE}

    def get(self, request: Request, slug: str) -> Response:
        page = runs_page(self.project.pk, before=before_in(request))
        rows = [present_run(row) for row in page.rows]
        return Response({"runs": rows, "next_before": page.next_before})

    def post(self, request: Request, slug: str) -> Response:
        run = request_run(
            project_id=self.project.pk,
            requested_by=self.actor,
            reasons=reasons_in(request) or [f"Requested by {self.actor.name}."],
            now=self.now,
        )
        detail = run_detail(self.project.pk, run.number)
        return Response(present_run_detail(detail), status=HTTP_201_CREATED)


class RunView(ReleaseView):
    access = {"get": READ_MODELS}

    def get(self, request: Request, slug: str, uid: UUID) -> Response:
        return Response(present_run_detail(detail_of(run_with_uid(self.project.pk, uid))))


class CancelView(ReleaseView):
    """202: a running run ends a moment later, when its worker has stopped the learning process."""

    access = {"post": RELEASE}

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        run = run_with_uid(self.project.pk, uid)
        cancel_run(run=run, actor=self.actor, now=self.now)
        detail = run_detail(self.project.pk, run.number)
        return Response(present_run_detail(detail), status=HTTP_202_ACCEPTED)
