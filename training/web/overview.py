from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from training.web.contexts.overview import overview_context
from training.web.door import LeadRequest, lead


@require_GET
@lead
def overview(request: LeadRequest) -> HttpResponseBase:
    page = overview_context(request.admission.project, now=request.now)
    fragment = "annotations/fragments/overview_live.html"
    return render(
        request, fragment if request.htmx else "annotations/overview.html", {"page": page}
    )
