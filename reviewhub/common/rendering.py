"""Answers of the API as JSON, encoded by msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import BaseRenderer


class Json(BaseRenderer):
    """Plain structures only; what is neither JSON nor a time or a UUID becomes its text."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """No body at all where there is nothing to tell."""
        return b"" if data is None else msgspec.json.encode(data, enc_hook=str)
