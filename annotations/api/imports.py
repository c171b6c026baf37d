"""Predictions that lie in a bucket with their images are taken in by a job."""

from __future__ import annotations

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.actions.request_import import request_import
from annotations.api.bodies import ImportBody, decode
from annotations.api.door import Access, ProjectView
from annotations.api.jobs import told
from annotations.api.parsers import JsonBytes
from annotations.api.sent import Sent
from annotations.models import Role, Verb
from reviewhub.common.errors import JsonDict


class Imports(ProjectView):
    """POST a prefix of the project's import folder; 202, and `Location` is the job to watch.

    `predictions.ndjson` below the prefix has a prediction a line, as the batch call takes them;
    an `image` names an object below the prefix: `{"object": "photos/1.png"}`.
    """

    access = {"post": Access((Verb.PREDICT,), Role.LEAD)}
    parser_classes = [JsonBytes]

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "import")
        prefix = decode(sent.json, ImportBody).prefix

        def run() -> tuple[int, JsonDict]:
            job = request_import(
                project=self.project, prefix=prefix, actor=self.actor, now=self.now
            )
            return 202, told(job)

        response = self.once(request, sent, run)
        job = response.data["uid"] if response.data else ""
        response["Location"] = reverse("annotations:api-job", args=[self.project.slug, job])
        return response
