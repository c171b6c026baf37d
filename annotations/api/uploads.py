"""Images that go straight into storage: a form is asked for, posted, and said to be complete."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.actions.complete_upload import complete_upload
from annotations.actions.receive_upload import receive_upload
from annotations.actions.request_upload import request_upload
from annotations.api.bodies import invalid
from annotations.api.door import Access, ProjectView
from annotations.api.images import told as told_image
from annotations.api.parsers import Parts
from annotations.errors import ImageTooLarge
from annotations.models import Verb
from annotations.queries.uploads import upload_at_door
from reviewhub.common.clock import database_now
from reviewhub.common.rendering import Json

UPLOAD = Access((Verb.PREDICT, Verb.LABEL))
FORM_BYTES = 64 * 1024
"""What the fields of a form may add to its file."""


class Uploads(ProjectView):
    """POST for a form: send `fields` and then the image as `file` to `url`, before it expires."""

    access = {"post": UPLOAD}

    def post(self, request: Request, slug: str) -> Response:
        def our_door(uid: UUID) -> str:
            path = reverse("annotations:api-upload", args=[self.project.slug, uid])
            return f"{settings.REVIEWHUB_SITE_URL}{path}"

        upload, form = request_upload(project=self.project, our_door=our_door, now=self.now)
        answer = {
            "uid": str(upload.uid),
            "url": form.url,
            "fields": form.fields,
            "expires_at": upload.expires_at.isoformat(),
            "max_bytes": upload.max_bytes,
        }
        return Response(answer, status=201)


class UploadDoor(APIView):
    """POST a form as `Uploads` gave it: the bucket's part of the work where there is no bucket.

    Needs no key: whoever has the form may post it, once.
    """

    authentication_classes = []
    permission_classes = []
    parser_classes = [Parts]
    renderer_classes = [Json]
    metadata_class = None

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        upload = upload_at_door(slug, uid)
        if int(request.META.get("CONTENT_LENGTH") or 0) > upload.max_bytes + FORM_BYTES:
            raise ImageTooLarge(limit=upload.max_bytes)
        file = request.FILES.get("file")
        if file is None:
            raise invalid("file", "send the image as a file of this name")
        if (file.size or 0) > upload.max_bytes:
            raise ImageTooLarge(limit=upload.max_bytes)
        receive_upload(
            upload=upload,
            key=request.POST.get("key", ""),
            policy=request.POST.get("policy", ""),
            file=file,
            now=database_now(),
        )
        return Response(status=204)


class UploadCompletions(ProjectView):
    """POST once the form is through: the answer is the image, by whose uid predictions name it."""

    access = {"post": UPLOAD}

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        image = complete_upload(
            project=self.project, upload_uid=uid, actor=self.actor, now=self.now
        )
        return Response(told_image(image))
