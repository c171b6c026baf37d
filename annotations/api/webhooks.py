"""Where events go: registered, tried out, switched off."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.bodies import EndpointBody, decode
from annotations.api.deliveries import told as told_delivery
from annotations.api.door import Access, ProjectView
from annotations.api.parsers import JsonBytes
from annotations.api.sent import Sent
from annotations.models import Role, Verb
from annotations.queries.webhooks import endpoint_of, endpoints_of
from reviewhub.common.errors import JsonDict
from reviewhub.common.models import WebhookEndpoint
from reviewhub.common.webhooks import disable_endpoint, ping_endpoint, register_endpoint

MANAGE = Access((Verb.WEBHOOKS,))


class Webhooks(ProjectView):
    """GET the webhooks in use; POST a new one, whose signing secret is told in the answer only."""

    access = {"get": Access((Verb.WEBHOOKS,), Role.LEAD), "post": MANAGE}
    parser_classes = [JsonBytes]

    def get(self, request: Request, slug: str) -> Response:
        return Response({"webhooks": [_told(each) for each in endpoints_of(self.project.pk)]})

    def post(self, request: Request, slug: str) -> Response:
        asked = decode(Sent.read(request, "webhook").json, EndpointBody)
        endpoint = register_endpoint(
            project_id=self.project.pk,
            url=asked.url,
            events=asked.events,
            note=asked.note,
            actor=self.actor,
            now=self.now,
        )
        return Response({**_told(endpoint), "secret": endpoint.secret}, status=201)


class WebhookDetail(ProjectView):
    """DELETE a webhook: nothing more is sent there; its deliveries stay listed."""

    access = {"delete": MANAGE}

    def delete(self, request: Request, slug: str, uid: UUID) -> Response:
        endpoint = endpoint_of(self.project.pk, uid)
        reason = f"Removed by {self.actor.name}"
        disable_endpoint(endpoint=endpoint, reason=reason, actor=self.actor, now=self.now)
        return Response(status=204)


class WebhookPings(ProjectView):
    """POST to have a `webhook.ping` sent; the answer is its delivery."""

    access = {"post": MANAGE}

    def post(self, request: Request, slug: str, uid: UUID) -> Response:
        endpoint = endpoint_of(self.project.pk, uid)
        delivery = ping_endpoint(endpoint=endpoint, actor=self.actor, now=self.now)
        return Response(told_delivery(delivery), status=202)


def _told(endpoint: WebhookEndpoint) -> JsonDict:
    return {
        "uid": str(endpoint.uid),
        "url": endpoint.url,
        "events": endpoint.events,
        "note": endpoint.note,
        "created_at": endpoint.created_at.isoformat(),
    }
