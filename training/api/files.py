"""Sending model files: conditional, streamed, never cached by strangers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import FileResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from training.artifacts import open_onnx
from training.models import ModelVersion


def unless_known(
    request: Request, tag: str, answer: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """304 if If-None-Match names this tag, else the answer, which is made only then."""
    etag = f'"{tag}"'
    known = get_conditional_response(request._request, etag=etag)
    response = known or answer()
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


def send_onnx(request: Request, model: ModelVersion) -> HttpResponseBase:
    """The checked file of a model, streamed; a file that was changed in storage is never sent."""
    return unless_known(request, model.onnx_sha256, lambda: _stream(model))


def _stream(model: ModelVersion) -> FileResponse:
    response = FileResponse(
        open_onnx(model),
        as_attachment=True,
        filename=f"{model.project.slug}-{model.number}.onnx",
        content_type="application/octet-stream",
    )
    response["Content-Length"] = str(model.onnx_bytes)
    return response
