"""What clients were told by webhook, and a way to tell them again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.access import actor_of
from annotations.models import Role
from annotations.queries.webhooks import delivery_of
from annotations.web.contexts.deliveries import deliveries_page
from annotations.web.door import MemberRequest, member
from reviewhub.common.errors import ReviewHubError
from reviewhub.common.pages import cursor_of, told
from reviewhub.common.webhooks import redeliver


@require_GET
@member(Role.LEAD)
def deliveries(request: MemberRequest) -> HttpResponseBase:
    page = deliveries_page(request.project, cursor_of(request.GET))
    return render(request, "annotations/deliveries.html", {"page": page})


@require_POST
@member(Role.LEAD)
def send_again(request: MemberRequest, delivery_uid: UUID) -> HttpResponseBase:
    delivery = delivery_of(request.project.pk, delivery_uid)
    try:
        redeliver(delivery=delivery, actor=actor_of(request.user), now=request.now)
    except ReviewHubError as error:
        messages.error(request, told(error))
    else:
        messages.success(request, f"{delivery.event.type} is being sent again.")
    return redirect("annotations:deliveries", slug=request.project.slug)
