from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from reviewhub.common.errors import NotFound, ReviewHubError
from reviewhub.common.pages import told
from training.web.contexts.settings import settings_context
from training.web.door import LeadRequest, lead
from training.web.policies import POLICIES


@require_GET
@lead
def settings(request: LeadRequest) -> HttpResponseBase:
    page = settings_context(request.admission.project)
    return render(request, "annotations/settings.html", {"page": page})


def _tell(form: Form, error: ReviewHubError) -> None:
    """Each fault at its field, where the error names fields of the form."""
    faults = error.data.get("errors")
    for fault in faults if isinstance(faults, list) else []:
        if fault["field"] in form.fields:
            form.add_error(fault["field"], fault["message"])
    if form.is_valid():
        form.add_error(None, told(error))


@require_POST
@lead
def revise(request: LeadRequest, policy: str) -> HttpResponseBase:
    """Put a new number of a policy in force; a form that is wrong comes back with its faults."""
    admission = request.admission
    editor = POLICIES.get(policy)
    if editor is None:
        raise NotFound(f"There is no {policy} policy.")
    form = editor.form(request.POST)
    if form.is_valid():
        try:
            number = editor.revise(admission, form.cleaned_data, request.now)
        except ReviewHubError as error:
            _tell(form, error)
        else:
            messages.success(request, f"{editor.title} {number} is in force.")
            return redirect("training:settings", slug=admission.project.slug)
    page = settings_context(admission.project, faulty={policy: form})
    return render(request, "annotations/settings.html", {"page": page}, status=422)
