"""JSON documents of clients, read by msgspec: strict, bounded, and every fault named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from msgspec import Raw

from annotations.errors import BatchTooLarge
from reviewhub.common.errors import InvalidInput, Malformed, ReviewHubError, TooLarge
from reviewhub.common.json_depth import JsonTooDeep, depth_exceeds

MOST_ITEM_BYTES = 512 * 1024
"""As JSON, without its image: the longest text still fits where every character is escaped."""

ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
FIELD = re.compile(r"field `(?P<name>[^`]+)`")

Body = TypeVar("Body")
_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def decode(raw: bytes, to: type[Body]) -> Body:
    """Read one JSON document; Malformed, or InvalidInput that names the field that does not fit."""
    # The plain search is fast, and nearly always the only one.
    if b"\\u0000" in raw and ESCAPED_NUL.search(raw):
        raise invalid("", "NUL characters cannot be stored")
    return open_batch(raw, to)


def open_batch(raw: bytes, to: type[Body]) -> Body:
    """As `decode`, for a document whose items stay raw: what is in them is judged one by one."""
    try:
        return _decoder(to).decode(raw)
    except msgspec.ValidationError as error:
        raise _told(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"This is not valid JSON: {error}") from None


def decode_each(items: Sequence[Raw | bytes], to: type[Body]) -> list[Body | ReviewHubError]:
    """Each item, or what is wrong with it: one bad item spoils no other.

    Raises BatchTooLarge before any item is read.
    """
    if len(items) > settings.REVIEWHUB_MAX_BATCH:
        raise BatchTooLarge(limit=settings.REVIEWHUB_MAX_BATCH, sent=len(items))
    decoder, limit = _decoder(to), settings.REVIEWHUB_MAX_JSON_DEPTH
    read: list[Body | None] = [_fine(bytes(item), decoder, limit) for item in items]
    return [
        decode_item(item, to) if body is None else body
        for item, body in zip(items, read, strict=True)
    ]


def _fine(raw: bytes, decoder: msgspec.json.Decoder[Body], limit: int) -> Body | None:
    """The usual item, small and flat and right; None leaves it to `decode_item` to say why not."""
    if len(raw) > MOST_ITEM_BYTES or b"\\u0000" in raw or depth_exceeds(raw, limit):
        return None
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def decode_item(item: Raw | bytes, to: type[Body]) -> Body | ReviewHubError:
    """One item of many, or what is wrong with it."""
    try:
        return decode(_bounded(bytes(item)), to)
    except ReviewHubError as error:
        return error


def lines_of(body: bytes) -> list[bytes]:
    """The lines of an NDJSON body that hold anything."""
    return [line for line in body.split(b"\n") if line and not line.isspace()]


def invalid(at: str, message: str) -> InvalidInput:
    return InvalidInput(errors=[{"field": at, "message": message}])


def _bounded(raw: bytes) -> bytes:
    if len(raw) > MOST_ITEM_BYTES:
        raise TooLarge("The item without its image is too large", limit=MOST_ITEM_BYTES)
    limit = settings.REVIEWHUB_MAX_JSON_DEPTH
    if depth_exceeds(raw, limit):
        raise JsonTooDeep(limit=limit)
    return raw


def _decoder(to: type[Body]) -> msgspec.json.Decoder[Body]:
    if to not in _decoders:
        _decoders[to] = msgspec.json.Decoder(to)
    return _decoders[to]


def _told(message: str) -> InvalidInput:
    """msgspec's sentence, taken apart: which field, and what is wrong with it."""
    text, _, at = message.partition(" - at `")
    named = FIELD.search(text)
    path = [
        at.replace("`", "").removeprefix("key in ").lstrip("$."),
        named["name"] if named else "",
    ]
    return invalid(".".join(part for part in path if part), text)
