"""What clients send, as msgspec structs: strict, every unknown field refused by name."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, field

from annotations.formats.documents import (
    MOST_ITEM_BYTES,
    decode,
    decode_each,
    invalid,
    lines_of,
    open_batch,
)
from annotations.formats.predictions import (
    ExternalId,
    ImageBody,
    Places,
    PredictionBody,
    PredictorBody,
    SourceGroup,
)
from reviewhub.common.compression import MOST_JSON_BYTES

__all__ = [
    "MOST_BODY_BYTES",
    "MOST_ITEM_BYTES",
    "AnnotationBatch",
    "AnnotationBody",
    "EndpointBody",
    "ImageBody",
    "ImportBody",
    "PredictionBatch",
    "PredictionBody",
    "PredictorBody",
    "WithdrawalBody",
    "decode",
    "decode_each",
    "invalid",
    "lines_of",
    "open_batch",
]

MOST_BODY_BYTES = MOST_JSON_BYTES
"""Of JSON alone; images travel as parts of their own, each under the limit of the image door."""

LabelKey = Annotated[str, Meta(min_length=1, max_length=60)]


class AnnotationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Judged by `label`, or by `boxes`, as the project's kind wants it."""

    external_id: ExternalId
    label: LabelKey | None = None
    boxes: Places | None = None
    source_group: SourceGroup = ""
    image: ImageBody | None = None
    text: str | None = None
    metadata: dict[str, Any] = {}


class WithdrawalBody(Struct, frozen=True, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class ImportBody(Struct, frozen=True, forbid_unknown_fields=True):
    prefix: Annotated[str, Meta(max_length=300)] = ""


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
