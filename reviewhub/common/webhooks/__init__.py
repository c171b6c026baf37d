"""Webhooks after the Standard Webhooks specification: signed, retried, at least once."""

from reviewhub.common.webhooks.delivering import deliver, redeliver
from reviewhub.common.webhooks.endpoints import (
    disable_endpoint,
    ping_endpoint,
    register_endpoint,
    rotate_secret,
)
from reviewhub.common.webhooks.reconciling import reconcile_deliveries

__all__ = [
    "deliver",
    "disable_endpoint",
    "ping_endpoint",
    "reconcile_deliveries",
    "redeliver",
    "register_endpoint",
    "rotate_secret",
]
