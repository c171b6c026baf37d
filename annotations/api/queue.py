"""What waits for people, counted."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.door import Access, ProjectView
from annotations.models import Role, Verb
from annotations.queries.accounting import queue_accounting


class Queue(ProjectView):
    """GET the queue's accounts: what entered, where it stands, and whether that adds up."""

    access = {"get": Access(tuple(Verb), Role.REVIEWER)}

    def get(self, request: Request, slug: str) -> Response:
        return Response(queue_accounting(self.project.pk).as_json())
