from __future__ import annotations

from reviewhub.common.errors import Conflict, InvalidInput


class UnknownEvent(InvalidInput):
    """`unknown` lists what was asked for, `known` what there is."""

    code = "unknown_event"
    title = "There is no event of this type"


class TargetRefused(InvalidInput):
    code = "webhook_target_refused"
    title = "Webhooks are not sent to this address"


class EndpointExists(Conflict):
    code = "webhook_endpoint_exists"
    title = "The project sends to this address already"


class EndpointDisabled(Conflict):
    code = "webhook_endpoint_disabled"
    title = "The endpoint is switched off"


class DeliveryInProgress(Conflict):
    code = "delivery_in_progress"
    title = "The delivery has not ended yet"
