"""What is sent, and the signature that proves who sent it."""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from standardwebhooks import Webhook

from reviewhub.common.models import OutboxEvent, WebhookEndpoint

PING = "webhook.ping"


def new_secret() -> str:
    """`whsec_` and 32 random bytes, as the specification writes them."""
    return "whsec_" + b64encode(secrets.token_bytes(32)).decode()


def body_of(event: OutboxEvent) -> bytes:
    """The same bytes at every attempt."""
    message = {
        "type": event.type,
        "timestamp": event.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": event.data,
    }
    return json.dumps(message, separators=(",", ":"), sort_keys=True).encode()


def headers_of(
    event: OutboxEvent, body: bytes, *, signed_with: Sequence[str], now: datetime
) -> dict[str, str]:
    """Every secret signs; `webhook-id` is the event's, so that a receiver can tell a repetition."""
    sent = now.astimezone(UTC)
    text = body.decode()
    signatures = (Webhook(key).sign(str(event.uid), sent, text) for key in signed_with)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ReviewHub-Webhooks",
        "webhook-id": str(event.uid),
        "webhook-timestamp": str(int(sent.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return {**headers, "X-Request-ID": event.request_id} if event.request_id else headers


def secrets_of(endpoint: WebhookEndpoint, *, now: datetime) -> list[str]:
    """The current secret, and the one before while its rotation lasts."""
    until = endpoint.previous_secret_until
    before = [endpoint.previous_secret] if until is not None and until > now else []
    return [endpoint.secret, *before]


def read_retry_after(header: str, *, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None for anything else."""
    if header.isascii() and header.isdigit() and len(header) < 9:
        return timedelta(seconds=int(header))
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) - now
