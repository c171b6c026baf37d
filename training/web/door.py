"""What every page of this app begins with, as `annotations.web.door` does for its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from annotations.queries.admission import Admission, Role, admit_person
from reviewhub.common.clock import database_now


class LeadRequest(HttpRequest):
    """A request of a lead: who, for which project, at what time of the database's clock."""

    htmx: HtmxDetails
    admission: Admission
    now: datetime


View = Callable[Concatenate[LeadRequest, ...], HttpResponseBase]


def lead(view: View) -> Callable[..., HttpResponseBase]:
    """Let leads and operators of the project in; strangers hear 404, reviewers 403.

    These pages are English throughout, their frame included, rather than half translated.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        asked = cast(LeadRequest, request)
        if not request.user.is_authenticated:
            login = redirect_to_login(request.get_full_path())
            return HttpResponseClientRedirect(login.url) if asked.htmx else login
        asked.admission = admit_person(user=request.user, slug=slug, at_least=Role.LEAD)
        asked.now = database_now()
        with translation.override(settings.LANGUAGE_CODE):
            response = view(asked, **kwargs)
        # A page and its fragment share an address: the back button must not mix them up.
        patch_vary_headers(response, ["HX-Request"])
        return response

    return wrapped
