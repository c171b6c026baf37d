"""What every endpoint of a project begins with: who asks, what they may do, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.actions.spend_allowance import Allowance, AllowanceSpent, spend_allowance
from annotations.queries.admission import ApiKey, Role, Verb, admit, authenticate_key
from reviewhub.common.clock import database_now
from reviewhub.common.rendering import Json


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rh_…`; a key belongs to no person, so `request.user` stays empty."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Any] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        return AnonymousUser(), authenticate_key(header, database_now())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


@dataclass(frozen=True)
class Access:
    """Keys with any of `verbs` may enter, and people of at least `role`."""

    verbs: tuple[Verb, ...]
    role: Role


READ_MODELS = Access((Verb.MODELS, Verb.RELEASE), Role.LEAD)
RELEASE = Access((Verb.RELEASE,), Role.LEAD)


class ReleaseView(APIView):
    """An endpoint below /projects/{slug}: closed unless `access` names the method.

    Handlers find `self.project`, `self.actor` and `self.now`, the database's time of arrival.
    """

    access: ClassVar[dict[str, Access]]
    authentication_classes = [KeyAuthentication, SessionAuthentication]
    permission_classes = []
    parser_classes = [JSONParser]
    renderer_classes = [Json]
    metadata_class = None
    allowance: Allowance | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower().replace("head", "get")
        if method not in self.access:
            raise MethodNotAllowed(request.method or "")
        allowed = self.access[method]
        admission = admit(
            user=request.user,
            key=request.auth,
            slug=self.kwargs["slug"],
            verbs=allowed.verbs,
            role=allowed.role,
        )
        self.project = admission.project
        self.actor = admission.actor
        if isinstance(request.auth, ApiKey):
            self.allowance = spend_allowance(key=request.auth)
        self.now = database_now()

    def _allowed_methods(self) -> list[str]:
        """What a 405 tells in Allow: the methods that `access` names, inherited ones left out."""
        head = ["HEAD"] if "get" in self.access else []
        return [*(method.upper() for method in self.access), *head]

    def handle_exception(self, exc: Exception) -> Response:
        """As DRF does, and a refusal tells what is left."""
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
