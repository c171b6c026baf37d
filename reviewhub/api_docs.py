"""The API's schema, and the page that shows it: open to everyone, for they hold no secret."""

from __future__ import annotations

import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from reviewhub.api_page import ApiPage, api_page


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """docs/openapi.json, which a test keeps true to the code."""
    return HttpResponse(_committed(), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "reviewhub/api_docs.html", {"page": _page()})


@cache
def _committed() -> bytes:
    text: bytes = settings.REVIEWHUB_OPENAPI.read_bytes()
    return text


@cache
def _page() -> ApiPage:
    return api_page(json.loads(_committed()), reverse("api_schema"))
