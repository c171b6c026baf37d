"""What every page of a project begins with: who asks, for which project, and at what time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from annotations.access import admit
from annotations.models import Project, Role, User
from reviewhub.common.errors import InvalidInput, Unauthenticated
from reviewhub.common.problems import BENCH_HEADER


class MemberRequest(HttpRequest):
    """A request of a member, as the `member` door hands it on."""

    user: User
    htmx: HtmxDetails
    project: Project
    now: datetime


View = Callable[Concatenate[MemberRequest, ...], HttpResponseBase]


def member(at_least: Role) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Let members of at least this role in; `slug` of the URL names the project.

    A script's page says whose it is: should somebody else have logged in beside it, nothing is
    done in their name, and its person is asked to log in. A stranger is told that there is no such
    project (404), a member of too low a role that it is not theirs to do (403). The database's
    clock is read once and handed on as `request.now`. Pages of leads are English throughout, their
    frame included, rather than half translated.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return login_first(request)
            asked = cast(MemberRequest, request)
            # The person, not the lazy stand-in, which would look itself up at every touch.
            asked.user = cast(User, get_user(asked))
            theirs_alone(asked, asked.headers.get("X-User"))
            asked.project, asked.now = admit(asked.user, slug, at_least=at_least)
            with translation.override(_tongue(at_least)):
                response = view(asked, **kwargs)
            # A page and its fragment share an address: the back button must not mix them up.
            patch_vary_headers(response, ["HX-Request"])
            return response

        return wrapped

    return decorate


def _tongue(at_least: Role) -> str | None:
    ours = at_least.includes(Role.LEAD)
    return settings.LANGUAGE_CODE if ours else translation.get_language()


def login_first(request: HttpRequest) -> HttpResponseBase:
    """Send a page to the login, and a fragment's page too instead of a login form inside it.

    The script of the workbench is told instead, and keeps what it had to say.
    """
    if from_bench(request):
        raise Unauthenticated
    response = redirect_to_login(request.get_full_path())
    if cast(MemberRequest, request).htmx:
        return HttpResponseClientRedirect(response.url)
    return response


def theirs_alone(request: MemberRequest, whose: str | None) -> None:
    """Refuse what comes from a page of another person than the one who is logged in now."""
    if whose is not None and whose != str(request.user.uid):
        raise Unauthenticated


def from_bench(request: HttpRequest) -> bool:
    """Whether the script of the workbench asks, which reads JSON."""
    return BENCH_HEADER in request.META


def uuid_of(text: str | None, field: str) -> UUID:
    """A UUID that a form sent; InvalidInput names the field otherwise."""
    try:
        return UUID(text or "")
    except ValueError as error:
        raise InvalidInput(errors=[{"field": field, "message": "is not a UUID"}]) from error
