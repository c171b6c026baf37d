"""Images are uploaded once and named by uid afterwards."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.actions.upload_image import upload_image
from annotations.api.bodies import invalid
from annotations.api.door import Access, ProjectView
from annotations.api.parsers import Parts
from annotations.api.sent import image_bytes
from annotations.models import StoredImage, Verb
from reviewhub.common.errors import JsonDict


class Images(ProjectView):
    """POST a multipart form with `file`; the same bytes again answer with the same uid."""

    access = {"post": Access((Verb.PREDICT, Verb.LABEL))}
    parser_classes = [Parts]

    def post(self, request: Request, slug: str) -> Response:
        part = request.FILES.get("file")
        if part is None:
            raise invalid("file", "send the image as a file of this name")
        image = upload_image(
            project=self.project, data=image_bytes(part), actor=self.actor, now=self.now
        )
        return Response(told(image), status=201)


def told(image: StoredImage) -> JsonDict:
    return {
        "uid": str(image.uid),
        "sha256": image.sha256,
        "format": image.format,
        "width": image.width,
        "height": image.height,
    }
