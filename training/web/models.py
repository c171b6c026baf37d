"""Models and what the gate said of them; promotion and its undoing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import told
from training.actions.promote_model import promote_model
from training.actions.roll_back import roll_back
from training.queries.champion import model_numbered
from training.web.contexts.models import model_context, models_context
from training.web.door import LeadRequest, lead


@require_GET
@lead
def models(request: LeadRequest) -> HttpResponseBase:
    project = request.admission.project
    page = models_context(project_id=project.pk, slug=project.slug)
    return render(request, "training/models.html", {"page": page})


@require_GET
@lead
def model(request: LeadRequest, number: int) -> HttpResponseBase:
    project = request.admission.project
    page = model_context(project, number)
    return render(request, "training/model.html", {"page": page})


@require_POST
@lead
def promote(request: LeadRequest, number: int) -> HttpResponseBase:
    project = request.admission.project
    try:
        promote_model(
            project_id=project.pk,
            model_version=model_numbered(project.pk, number),
            actor=request.admission.actor,
            reasons=_reasons(request),
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, f"v{number} is champion. Clients have been told.")
    return redirect("training:model", slug=project.slug, number=number)


@require_POST
@lead
def undo_promotion(request: LeadRequest) -> HttpResponseBase:
    project = request.admission.project
    seen = request.POST.get("champion", "")
    try:
        promotion = roll_back(
            project_id=project.pk,
            actor=request.admission.actor,
            reasons=_reasons(request),
            expected_champion=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
            now=request.now,
        )
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, f"{promotion.model_version} is champion again.")
    return redirect("training:models", slug=project.slug)


def _reasons(request: LeadRequest) -> list[str]:
    why = request.POST.get("reason", "").strip()[:500]
    return [why] if why else []
