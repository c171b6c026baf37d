"""What every endpoint of a project begins with: who asks, what they may do, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.access import authenticate_key
from annotations.actions.upload_image import upload_image
from annotations.api.sent import Sent
from annotations.models import ApiKey, Role, Verb
from annotations.queries.admission import admit
from reviewhub.common.clock import database_now
from reviewhub.common.errors import JsonDict
from reviewhub.common.idempotency import replay_or_run
from reviewhub.common.rendering import Json


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rh_…`; a key belongs to no person, so `request.user` stays empty."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        return AnonymousUser(), authenticate_key(header, database_now())


@dataclass(frozen=True)
class Access:
    """Keys with any of `verbs` may enter, and people of at least `role`; None keeps people out."""

    verbs: tuple[Verb, ...]
    role: Role | None = None


class ProjectView(APIView):
    """An endpoint below /projects/{slug}: closed unless `access` names the method.

    Handlers find `self.project`, `self.actor` and `self.now`, the database's time of arrival.
    """

    access: ClassVar[dict[str, Access]]
    authentication_classes = [KeyAuthentication, SessionAuthentication]
    permission_classes = []
    renderer_classes = [Json]
    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        access = self._access(request)
        admission = admit(
            user=request.user,
            key=request.auth,
            slug=self.kwargs["slug"],
            verbs=access.verbs,
            role=access.role,
        )
        self.project = admission.project
        self.actor = admission.actor
        self.now = database_now()

    def once(
        self, request: Request, sent: Sent, run: Callable[[], tuple[int, JsonDict]]
    ) -> Response:
        """Answer as `run` does; under an Idempotency-Key, what it answered the first time."""
        key = request.headers.get("Idempotency-Key")
        status, answer = replay_or_run(
            actor=self.actor,
            route=f"{request.method} {request.path}",
            key=key,
            body_digest="" if key is None else sent.digest,
            now=self.now,
            run=run,
        )
        return Response(answer, status=status)

    def keep_image(self, data: bytes) -> UUID:
        """Store an image that came along; its uid."""
        image = upload_image(project=self.project, data=data, actor=self.actor, now=self.now)
        return image.uid

    def _access(self, request: Request) -> Access:
        method = (request.method or "").lower().replace("head", "get")
        if method not in self.access:
            raise MethodNotAllowed(request.method or "")
        return self.access[method]
