"""The promises of intake: images and predictions go in, and what becomes of each is told."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from annotations import errors
from annotations.api.bodies import PredictionBody
from annotations.api.contract.examples import (
    LINES,
    OF_OTHER_KINDS,
    PREDICTION,
    REFUSED,
    TAKEN,
    UPLOADED,
    WITH_PART,
)
from annotations.api.contract.stories import LIST, PREDICTIONS, Reason
from annotations.api.images import Images
from annotations.api.predictions import PredictionBatches, Predictions
from reviewhub.common.contract import (
    IDEMPOTENCY_KEY,
    NDJSON,
    Answer,
    Body,
    Contract,
    Operation,
    ProblemDocument,
    Share,
    form,
)
from reviewhub.common.idempotency import IdempotencyInProgress, IdempotencyMismatch
from reviewhub.common.outgoing.errors import FetchFailed, TargetRefused

IMAGES = "Images"
GZIP = "JSON may come compressed, with `Content-Encoding: gzip`."
IMAGE_ERRORS = (
    errors.UnsupportedImage,
    errors.BrokenImage,
    errors.ImageTooLarge,
    errors.StorageUnavailable,
)
FETCH_ERRORS = (FetchFailed, TargetRefused, errors.TooManyAddresses)
ONCE_ERRORS = (IdempotencyMismatch, IdempotencyInProgress)


class UploadedImage(Struct):
    """An image in storage; name it by `uid`."""

    uid: UUID
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    format: str
    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]


class Taken(Struct):
    """What became of one prediction.

    `accepted`: act on your prediction. `queued`: people will look. `inclusion_probability` is the
    chance that it was drawn for audit, whatever else fired.
    """

    external_id: str
    status: Literal["created", "unchanged"]
    prediction: UUID
    outcome: Literal["accepted", "queued"]
    reasons: list[Reason]
    inclusion_probability: Annotated[float, Meta(gt=0, le=1)]
    policy: Annotated[int, Meta(ge=1)]


class BatchItem(Struct, tag_field="status"):
    """`index` counts from 0, in the order sent."""

    index: Annotated[int, Meta(ge=0)]


class NewPrediction(BatchItem, tag="created"):
    """Stored and routed by this call."""

    external_id: str
    prediction: UUID
    outcome: Literal["accepted", "queued"]
    reasons: list[Reason]
    inclusion_probability: Share
    policy: int


class KnownPrediction(NewPrediction, tag="unchanged"):
    """It was here already; nothing changed, and the answer is that of the first time."""


class RefusedItem(BatchItem, tag="refused"):
    """Nothing of it was stored; `external_id` is null where it could not be read."""

    external_id: str | None
    error: ProblemDocument


class PredictionBatch(Struct):
    """Each item is judged for itself: a bad one is refused and spoils no other."""

    predictions: Annotated[list[PredictionBody], Meta(max_length=1000)]


class PredictionResults(Struct):
    """One result per item, in the order sent."""

    results: list[NewPrediction | KnownPrediction | RefusedItem]


CONTRACT: Contract = {
    Images: {
        "post": Operation(
            "uploadImage",
            "Upload an image",
            IMAGES,
            {
                201: Answer(
                    "Stored; the same bytes again answer with the same uid.",
                    UploadedImage,
                    UPLOADED,
                )
            },
            "PNG, JPEG or WebP, judged by content and never by name.",
            bodies=(
                Body(
                    {
                        "type": "object",
                        "properties": {"file": {"type": "string", "format": "binary"}},
                        "required": ["file"],
                    },
                    {"file": "(bytes of a PNG, JPEG or WebP file)"},
                    "multipart/form-data",
                ),
            ),
            refusals=IMAGE_ERRORS,
        )
    },
    Predictions: {
        "get": LIST,
        "post": Operation(
            "submitPrediction",
            "Submit one prediction",
            PREDICTIONS,
            {
                201: Answer("New: stored and routed.", Taken, TAKEN),
                200: Answer("It was here already.", Taken, TAKEN | {"status": "unchanged"}),
            },
            f"Sending again changes nothing and answers the same. {GZIP}",
            bodies=(
                Body(PredictionBody, PREDICTION, others=OF_OTHER_KINDS),
                form("prediction", PredictionBody, WITH_PART),
            ),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(
                errors.UnknownImage,
                errors.UnknownTaxonomy,
                errors.ItemContentConflict,
                errors.PredictionConflict,
                errors.PredictorReserved,
                errors.InvalidAnswer,
                errors.ItemContentMissing,
                errors.ContentOfAnotherKind,
                *ONCE_ERRORS,
                *IMAGE_ERRORS,
                *FETCH_ERRORS,
            ),
        ),
    },
    PredictionBatches: {
        "post": Operation(
            "submitPredictions",
            "Submit up to 1,000 predictions",
            PREDICTIONS,
            {
                200: Answer(
                    "Always, with one result per item in the order sent.",
                    PredictionResults,
                    {"results": [{"index": 0} | TAKEN, REFUSED]},
                )
            },
            f"As one document, or as NDJSON: a PredictionBody a line. {GZIP}",
            bodies=(
                Body(PredictionBatch, {"predictions": [PREDICTION]}),
                Body({"type": "string"}, LINES, NDJSON),
                form("batch", PredictionBatch, {"predictions": [WITH_PART]}),
            ),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(
                errors.BatchTooLarge,
                errors.TooManyAddresses,
                *ONCE_ERRORS,
                errors.StorageUnavailable,
            ),
        )
    },
}
