"""A prediction as clients write it: in the body of a call, or as a line of a manifest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from annotations.domain.intake import Document, IncomingPrediction
from annotations.formats.documents import invalid
from reviewhub.common.errors import TooLarge

MOST_TEXT_BYTES = MOST_METADATA_BYTES = 64 * 1024
ANSWER_FIELDS = ("probabilities", "boxes", "label", "samples", "confidence", "prompt_version")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# `$` alone would let a newline at the end pass.
Visible = r"^[^\x00-\x1f\x7f]+$(?!\n)"
VisibleOrEmpty = r"^[^\x00-\x1f\x7f]*$(?!\n)"
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=Visible)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200, pattern=Visible)]
SourceGroup = Annotated[str, Meta(max_length=200, pattern=VisibleOrEmpty)]
SliceKey = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$(?!\n)")]
SliceValue = Annotated[str, Meta(max_length=200)] | int | float | bool | None
Slices = Annotated[dict[SliceKey, SliceValue], Meta(max_length=20)]
Flag = Annotated[str, Meta(max_length=200, pattern=VisibleOrEmpty)]
Moment = Annotated[datetime, Meta(tz=True)]


def _listed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"items": {"type": "object", "properties": fields, "required": [*fields]}}


# What these hold is judged by the kind, which names every fault; the schema tells what is meant.
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_PIXELS = {"type": "number"}
Probabilities = Annotated[
    dict[str, Any],
    Meta(
        description="Label keys and their probabilities; all labels, or the most probable few.",
        extra_json_schema={"additionalProperties": _SHARE},
    ),
]
_PLACE = {"label": {"type": "string"}, **dict.fromkeys(("x", "y", "width", "height"), _PIXELS)}
_BOXES = "In pixels of the upright image, from its top left corner; an empty list is an answer too."
Boxes = Annotated[
    list[Any], Meta(description=_BOXES, extra_json_schema=_listed({**_PLACE, "score": _SHARE}))
]
Places = Annotated[list[Any], Meta(description=_BOXES, extra_json_schema=_listed(_PLACE))]
Samples = Annotated[
    list[Any],
    Meta(
        description="The labels that a language model gave when it was asked several times.",
        extra_json_schema={"items": {"type": "string"}},
    ),
]


class ImageBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One of these.

    The uid of an image, the name of a part of this request, an address to fetch it from, or the
    path of an object below the prefix of an import.
    """

    upload: UUID | None = None
    part: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    url: Annotated[str, Meta(min_length=1, max_length=2000, pattern=Visible)] | None = None
    object: Annotated[str, Meta(min_length=1, max_length=400, pattern=Visible)] | None = None


class PredictorBody(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    version: Name


class PredictionBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The answer stands in the fields of the project's kind, from `probabilities` on."""

    external_id: ExternalId
    predictor: PredictorBody
    source_group: SourceGroup = ""
    image: ImageBody | None = None
    text: str | None = None
    taxonomy: Annotated[int, Meta(ge=1, le=2_147_483_647)] | None = None
    metadata: dict[str, Any] = {}
    slices: Slices = {}
    captured_at: Moment | None = None
    flag: Flag = ""
    probabilities: Probabilities | None = None
    boxes: Boxes | None = None
    label: str | None = None
    samples: Samples | None = None
    confidence: float | None = None
    prompt_version: str | None = None


def incoming(body: PredictionBody, *, kind: str, image: UUID | None) -> IncomingPrediction:
    """What the action takes, with `image` as the door has resolved it.

    Raises TooLarge for long texts and metadata, InvalidInput for what no single field can tell.
    """
    return IncomingPrediction(
        external_id=body.external_id,
        predictor_name=body.predictor.name,
        predictor_version=body.predictor.version,
        taxonomy_number=body.taxonomy,
        answer=_answer(body, kind),
        image=image,
        text=bounded_text(body.text),
        source_group=body.source_group,
        metadata=bounded(body.metadata),
        slices=body.slices,
        captured_at=_captured(body.captured_at),
        flag=body.flag,
    )


def bounded(metadata: Document) -> Document:
    """Metadata that is not too large to be kept; raises TooLarge."""
    if metadata and len(msgspec.json.encode(metadata)) > MOST_METADATA_BYTES:
        raise TooLarge("The metadata are too large", limit=MOST_METADATA_BYTES)
    return metadata


def _answer(body: PredictionBody, kind: str) -> Document:
    """The fields of the answer that were sent; classes of an image are the document themselves."""
    given = {name: said for name in ANSWER_FIELDS if (said := getattr(body, name)) is not None}
    if kind != "image_classification":
        return given
    for name in given:
        if name != "probabilities":
            raise invalid(name, "Expected `probabilities` alone in a project of this kind.")
    probabilities: Document = given.get("probabilities", {})
    return probabilities


def bounded_text(text: str | None) -> str | None:
    """A text that is not too long to be read; raises TooLarge."""
    # A character has at most four bytes: short texts need no counting.
    if text is None or len(text) * 4 <= MOST_TEXT_BYTES:
        return text
    if len(text.encode()) > MOST_TEXT_BYTES:
        raise TooLarge("The text is too long", limit=MOST_TEXT_BYTES)
    return text


def _captured(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    # Compared before it is moved to UTC, which the first and the last day of all have no room for.
    if not EARLIEST <= moment <= LATEST:
        raise invalid("captured_at", "Expected a time between 1970 and 9000.")
    return moment.astimezone(UTC)
