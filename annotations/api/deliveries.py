"""What was sent to webhooks, and what came of it."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.door import Access, ProjectView
from annotations.models import Role, Verb
from annotations.queries.webhooks import deliveries_of, delivery_of
from reviewhub.common.errors import JsonDict
from reviewhub.common.models import Delivery, DeliveryAttempt
from reviewhub.common.pages import cursor_of, pages_of
from reviewhub.common.webhooks import redeliver


class Deliveries(ProjectView):
    """GET deliveries, newest first; `older` and `newer` are addresses of the next pages."""

    access = {"get": Access((Verb.WEBHOOKS,), Role.LEAD)}

    def get(self, request: Request, slug: str) -> Response:
        part = deliveries_of(self.project.pk, cursor_of(request.query_params))
        pages = pages_of(part, request.path, {})
        listed = [
            {**told(delivery), "attempts": [_attempt(each) for each in delivery.attempts.all()]}
            for delivery in part.rows
        ]
        return Response(
            {"deliveries": listed, "older": pages.next_url, "newer": pages.previous_url}
        )


class Redeliveries(ProjectView):
    """POST to begin an ended delivery again."""

    access = {"post": Access((Verb.WEBHOOKS,))}

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        delivery = delivery_of(self.project.pk, uid)
        again = redeliver(delivery=delivery, actor=self.actor, now=self.now)
        return Response(told(again), status=202)


def told(delivery: Delivery) -> JsonDict:
    waiting = delivery.next_attempt_at
    return {
        "uid": str(delivery.uid),
        "event": str(delivery.event.uid),
        "type": delivery.event.type,
        "webhook": str(delivery.endpoint.uid),
        "url": delivery.endpoint.url,
        "state": delivery.state,
        "next_attempt_at": waiting.isoformat() if waiting else None,
        "created_at": delivery.created_at.isoformat(),
    }


def _attempt(attempt: DeliveryAttempt) -> JsonDict:
    return {
        "at": attempt.created_at.isoformat(),
        "status": attempt.status,
        "error": attempt.error,
        "milliseconds": attempt.milliseconds,
    }
