from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.apps import apps
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations.models import Role
from annotations.queries.anchoring import anchoring
from annotations.web.contexts.anchoring import AnchoringFigure, anchoring_figure
from annotations.web.door import MemberRequest, member
from reviewhub.common.cursor import slice_by_id, slice_sought
from reviewhub.common.models import AuditEntry
from reviewhub.common.pages import Pages, cursor_of, pages_of
from reviewhub.common.tally import day_of

SHORT = 160


class AuditFilterForm(forms.Form):
    action = forms.CharField(label="Did", required=False, max_length=60)
    actor = forms.CharField(label="Who", required=False, max_length=120)


@dataclass(frozen=True)
class AuditRow:
    at: datetime
    actor: str
    action: str
    subject: str
    subject_id: str
    before: str
    after: str


@dataclass(frozen=True)
class AuditPage:
    form: AuditFilterForm
    rows: Sequence[AuditRow]
    pages: Pages
    anchoring: AnchoringFigure
    title: str = "Audit trail"
    lede: str = "Who did what to which thing. Rows are only ever added."
    empty_text: str = "Nothing matches."


@require_GET
@member(Role.LEAD)
def audit(request: MemberRequest) -> HttpResponseBase:
    form = AuditFilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    everything = AuditEntry.objects.filter(project_id=request.project.pk)
    rows, cursor = everything, cursor_of(request.GET)
    if asked.get("action"):
        rows = rows.filter(action__startswith=asked["action"])
    if asked.get("actor"):
        rows = rows.filter(actor_name__startswith=asked["actor"])
    sought = rows is not everything
    part = slice_sought(everything, rows, cursor) if sought else slice_by_id(rows, cursor)
    path = reverse("annotations:audit", args=[request.project.slug])
    today = day_of(request.now, request.project.site_time_zone)
    page = AuditPage(
        form=form,
        rows=[_row(entry) for entry in part.rows],
        pages=pages_of(part, path, request.GET.dict()),
        anchoring=anchoring_figure(anchoring(request.project, today=today)),
    )
    return render(request, "annotations/audit.html", {"page": page})


def _row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        at=entry.created_at,
        actor=entry.actor_name,
        action=entry.action,
        subject=_thing(entry.subject_type),
        subject_id=entry.subject_id,
        before=_short(entry.before),
        after=_short(entry.after),
    )


def _thing(label: str) -> str:
    """The model of a subject in its own words; what is no model of ours keeps its name."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _short(document: Mapping[str, object] | None) -> str:
    if not document:
        return ""
    text = "; ".join(f"{name.replace('_', ' ')}: {_value(document[name])}" for name in document)
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
