"""What clients send, as msgspec structs: strict, every unknown field refused by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from msgspec import Meta, Raw, Struct, field

from annotations.errors import BatchTooLarge
from reviewhub.common.errors import InvalidInput, Malformed, ReviewHubError, TooLarge

MOST_ITEM_BYTES = 64 * 1024
MOST_BODY_BYTES = 16 * 1024 * 1024
"""Of JSON alone; images travel as parts of their own, each under the limit of the image door."""

Visible = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=Visible)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200, pattern=Visible)]
SourceGroup = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
LabelKey = Annotated[str, Meta(min_length=1, max_length=60)]

ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
FIELD = re.compile(r"field `(?P<name>[^`]+)`")

Body = TypeVar("Body")


class ImageBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`upload` is the uid of an uploaded image, `part` the name of a part of this request."""

    upload: UUID | None = None
    part: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class PredictorBody(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    version: Name


class PredictionBody(Struct, frozen=True, forbid_unknown_fields=True):
    external_id: ExternalId
    predictor: PredictorBody
    probabilities: dict[str, Any]
    source_group: SourceGroup = ""
    image: ImageBody | None = None
    taxonomy: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None
    metadata: dict[str, Any] = {}


class AnnotationBody(Struct, frozen=True, forbid_unknown_fields=True):
    external_id: ExternalId
    label: LabelKey
    source_group: SourceGroup = ""
    image: ImageBody | None = None
    metadata: dict[str, Any] = {}


class PredictionBatch(Struct, frozen=True, forbid_unknown_fields=True):
    predictions: list[Raw]


class AnnotationBatch(Struct, frozen=True, forbid_unknown_fields=True):
    annotations: list[Raw]


class EndpointBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`events` names event types, or `*` for all of them."""

    url: Annotated[str, Meta(min_length=1, max_length=500)]
    events: Annotated[list[str], Meta(min_length=1, max_length=50)] = field(
        default_factory=lambda: ["*"]
    )
    note: Annotated[str, Meta(max_length=200)] = ""


def decode(raw: bytes, to: type[Body]) -> Body:
    """Read one JSON document; Malformed, or InvalidInput that names the field that does not fit."""
    if ESCAPED_NUL.search(raw):
        raise invalid("", "NUL characters cannot be stored")
    try:
        return msgspec.json.decode(raw, type=to)
    except msgspec.ValidationError as error:
        raise _told(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"The body is not valid JSON: {error}") from None


def decode_each(items: Sequence[Raw], to: type[Body]) -> list[Body | ReviewHubError]:
    """Each item, or what is wrong with it: one bad item spoils no other.

    Raises BatchTooLarge before any item is read.
    """
    if len(items) > settings.REVIEWHUB_MAX_BATCH:
        raise BatchTooLarge(limit=settings.REVIEWHUB_MAX_BATCH, sent=len(items))
    return [_decode_one(bytes(raw), to) for raw in items]


def invalid(at: str, message: str) -> InvalidInput:
    return InvalidInput(errors=[{"field": at, "message": message}])


def _decode_one(raw: bytes, to: type[Body]) -> Body | ReviewHubError:
    if len(raw) > MOST_ITEM_BYTES:
        return TooLarge("The item without its image is too large", limit=MOST_ITEM_BYTES)
    try:
        return decode(raw, to)
    except ReviewHubError as error:
        return error


def _told(message: str) -> InvalidInput:
    """msgspec's sentence, taken apart: which field, and what is wrong with it."""
    text, _, at = message.partition(" - at `")
    named = FIELD.search(text)
    path = [at.rstrip("`").removeprefix("key in ").lstrip("$."), named["name"] if named else ""]
    return invalid(".".join(part for part in path if part), text)
