"""What a client should know of its project before it sends anything."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.door import Access, ProjectView
from annotations.models import Role, Verb
from annotations.queries.projects import project_card


class Projects(ProjectView):
    """GET the project: kind, taxonomy and policies in force. Any key of it may ask."""

    access = {"get": Access(tuple(Verb), Role.REVIEWER)}

    def get(self, request: Request, slug: str) -> Response:
        return Response(project_card(self.project))
