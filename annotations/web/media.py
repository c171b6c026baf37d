from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from annotations.actions.show_picture import show_picture
from annotations.errors import UnknownImage
from annotations.models import Role
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import NotFound

CACHE = "private, max-age=86400, immutable"


@require_safe
@member(Role.REVIEWER)
def media(request: MemberRequest, image_uid: UUID, variant: str) -> HttpResponseBase:
    """A re-encoded derivative, for members of its project only; originals are never served."""
    image = request.project.images.filter(uid=image_uid).first()
    if image is None:
        raise NotFound(UnknownImage.title)
    data, content_type = show_picture(image=image, variant=variant)
    response = HttpResponse(data, content_type=content_type)
    response["Cache-Control"] = CACHE
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
