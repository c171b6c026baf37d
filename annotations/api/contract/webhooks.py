"""The promises about telling clients: where events go, and what came of each."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from annotations import errors
from annotations.api.bodies import EndpointBody
from annotations.api.deliveries import Deliveries, Redeliveries
from annotations.api.webhooks import WebhookDetail, WebhookPings, Webhooks
from reviewhub.common.clock import Moment
from reviewhub.common.contract import AFTER, BEFORE, Answer, Body, Contract, Operation
from reviewhub.common.webhooks.errors import (
    DeliveryInProgress,
    EndpointDisabled,
    EndpointExists,
    TargetRefused,
    UnknownEvent,
)

WEBHOOKS = "Webhooks"


class Webhook(Struct):
    """An address that is told; `events` are types of events, or `*` for all."""

    uid: UUID
    url: str
    events: list[str]
    note: str
    created_at: Moment


class NewWebhook(Webhook):
    """`secret` signs the messages; it is told here and never again."""

    secret: Annotated[str, Meta(pattern="^whsec_")]


class WebhookList(Struct):
    webhooks: list[Webhook]


class DeliveryCard(Struct):
    """One event on its way to one address."""

    uid: UUID
    event: UUID
    type: str
    webhook: UUID
    url: str
    state: Literal["pending", "sending", "succeeded", "failed"]
    next_attempt_at: Moment | None
    created_at: Moment


class AttemptCard(Struct):
    """One attempt: the status that was answered, or the error that kept it from coming so far."""

    at: Moment
    status: int | None
    error: str
    milliseconds: int


class ListedDelivery(DeliveryCard):
    attempts: list[AttemptCard]


class DeliveryList(Struct):
    """Newest first; `older` and `newer` are addresses of the neighbouring pages."""

    deliveries: list[ListedDelivery]
    older: str | None
    newer: str | None


WEBHOOK = {
    "uid": "01994f61-22a0-7e4d-9b16-7c5d3e1f8a42",
    "url": "https://line4.example/hooks/reviewhub",
    "events": ["model.promoted", "model.rolled_back"],
    "note": "line 4",
    "created_at": "2026-11-02T08:00:00+00:00",
}
DELIVERY = {
    "uid": "01994f62-90c1-7ab3-8e57-0f6b2d4c9e13",
    "event": "01994f62-90c0-7f18-a1d2-6e3b5c7a9f04",
    "type": "model.promoted",
    "webhook": "01994f61-22a0-7e4d-9b16-7c5d3e1f8a42",
    "url": "https://line4.example/hooks/reviewhub",
    "state": "pending",
    "next_attempt_at": "2026-11-02T09:00:00+00:00",
    "created_at": "2026-11-02T09:00:00+00:00",
}
ATTEMPTS = [{"at": "2026-11-02T09:00:01+00:00", "status": 503, "error": "", "milliseconds": 41}]

CONTRACT: Contract = {
    Webhooks: {
        "get": Operation(
            "listWebhooks",
            "The webhooks in use",
            WEBHOOKS,
            {200: Answer("All of them.", WebhookList, {"webhooks": [WEBHOOK]})},
        ),
        "post": Operation(
            "registerWebhook",
            "Register a webhook",
            WEBHOOKS,
            {
                201: Answer(
                    "Registered, with its signing secret.",
                    NewWebhook,
                    WEBHOOK | {"secret": "whsec_bm90IGEgc2VjcmV0LCBhbiBleGFtcGxl"},
                )
            },
            bodies=(Body(EndpointBody, {key: WEBHOOK[key] for key in ("url", "events", "note")}),),
            refusals=(TargetRefused, UnknownEvent, EndpointExists),
        ),
    },
    WebhookDetail: {
        "delete": Operation(
            "removeWebhook",
            "Remove a webhook",
            WEBHOOKS,
            {204: Answer("Nothing more is sent there; its deliveries stay listed.")},
            refusals=(errors.UnknownEndpoint,),
        )
    },
    WebhookPings: {
        "post": Operation(
            "pingWebhook",
            "Send a webhook.ping",
            WEBHOOKS,
            {202: Answer("Its delivery.", DeliveryCard, DELIVERY | {"type": "webhook.ping"})},
            refusals=(errors.UnknownEndpoint, EndpointDisabled),
        )
    },
    Deliveries: {
        "get": Operation(
            "listDeliveries",
            "What was sent, and what came of it",
            WEBHOOKS,
            {
                200: Answer(
                    "One page, newest first.",
                    DeliveryList,
                    {
                        "deliveries": [DELIVERY | {"attempts": ATTEMPTS}],
                        "older": "/api/v1/projects/solar-cells/deliveries?before=51",
                        "newer": None,
                    },
                )
            },
            parameters=(BEFORE, AFTER),
        )
    },
    Redeliveries: {
        "post": Operation(
            "redeliver",
            "Begin a delivery again",
            WEBHOOKS,
            {202: Answer("It waits to be sent.", DeliveryCard, DELIVERY)},
            refusals=(errors.UnknownDelivery, DeliveryInProgress, EndpointDisabled),
        )
    },
}
