"""What every endpoint of a project begins with: who asks, what they may do, and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.access import authenticate_key
from annotations.actions.fetch_images import fetch_images
from annotations.actions.spend_allowance import Allowance, AllowanceSpent, spend_allowance
from annotations.actions.upload_image import upload_image
from annotations.api.bodies import ImageBody
from annotations.api.sent import Sent
from annotations.models import ApiKey, Role, Verb
from annotations.queries.admission import admit
from reviewhub.common.clock import database_now
from reviewhub.common.errors import JsonDict, ReviewHubError
from reviewhub.common.idempotency import replay_or_run
from reviewhub.common.rendering import Json


class HasImage(Protocol):
    """A body of one item."""

    @property
    def image(self) -> ImageBody | None: ...


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rh_…`; a key belongs to no person, so `request.user` stays empty."""

    asked_at: datetime
    """The database's time at which it looked."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        self.asked_at = database_now()
        return AnonymousUser(), authenticate_key(header, self.asked_at)


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
    key: ApiKey | None = None
    allowance: Allowance | None = None
    counts_itself: ClassVar[tuple[str, ...]] = ()
    """Methods that call `spend` themselves, once they know how much is asked for."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.key = request.auth if isinstance(request.auth, ApiKey) else None
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
        if request.method not in self.counts_itself:
            self.spend()
        by = request.successful_authenticator
        self.now = by.asked_at if isinstance(by, KeyAuthentication) else database_now()

    def spend(self, *, predictions: int = 0) -> None:
        """Count this call of a key against its limits, before any work; raises RateLimited."""
        if self.key is not None:
            self.allowance = spend_allowance(key=self.key, predictions=predictions)

    def _allowed_methods(self) -> list[str]:
        """What a 405 tells in Allow: the methods that `access` names, inherited ones left out."""
        head = ["HEAD"] if "get" in self.access else []
        return [*(method.upper() for method in self.access), *head]

    def handle_exception(self, exc: Exception) -> Response:
        """As DRF does; a call that failed before it was counted counts too."""
        try:
            if self.allowance is None and not isinstance(exc, AllowanceSpent):
                self.spend()
        except AllowanceSpent as spent:
            exc = spent
        if isinstance(exc, AllowanceSpent):
            self.allowance, exc = exc.allowance, exc.error
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """What is left of the key's limits stands in every answer."""
        for name, value in (self.allowance.headers if self.allowance else {}).items():
            response.headers[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def once(
        self, request: Request, sent: Sent, run: Callable[[], tuple[int, JsonDict]]
    ) -> Response:
        """Answer as `run` does; under an Idempotency-Key, what it answered the first time.

        Unless images could not be had: then the next call under that key tries again.
        """
        key = request.headers.get("Idempotency-Key")
        status, answer = replay_or_run(
            actor=self.actor,
            route=f"{request.method} {request.path}",
            key=key,
            body_digest="" if key is None else sent.digest,
            now=self.now,
            run=run,
            final=not sent.lacks_images_for_now,
        )
        return Response(answer, status=status)

    def keep_images(self, sent: Sent, bodies: Iterable[HasImage | ReviewHubError]) -> Sent:
        """Store the images that came along, and fetch those that `bodies` give an address of."""
        urls = [
            body.image.url
            for body in bodies
            if not isinstance(body, ReviewHubError) and body.image and body.image.url
        ]
        fetched = fetch_images(project=self.project, urls=urls, actor=self.actor, now=self.now)
        return replace(sent.keep_images(self._keep_image), fetched=fetched)

    def _keep_image(self, data: bytes) -> UUID:
        image = upload_image(project=self.project, data=data, actor=self.actor, now=self.now)
        return image.uid

    def _access(self, request: Request) -> Access:
        method = (request.method or "").lower().replace("head", "get")
        if method not in self.access:
            raise MethodNotAllowed(request.method or "")
        return self.access[method]
