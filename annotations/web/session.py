from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET


@never_cache
@require_GET
def session(request: HttpRequest) -> HttpResponseBase:
    """Who this browser is logged in as, if anybody, and the token for what it sends next.

    For a script that kept answers while somebody logged in anew: the token is another then, and
    the person may be.
    """
    user = getattr(request.user, "uid", None)
    return JsonResponse({"user": user, "csrf": get_token(request)})
