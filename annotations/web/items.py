from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.models import Role
from annotations.web.contexts.items import items_context
from annotations.web.door import MemberRequest, member
from reviewhub.common.pages import cursor_of


@require_GET
@member(Role.LEAD)
def items(request: MemberRequest) -> HttpResponseBase:
    page = items_context(request.project, request.GET.dict(), cursor_of(request.GET))
    return render(request, "annotations/items.html", {"page": page})
