"""The promise of importing items whose label is known."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from annotations import errors
from annotations.api.annotations import AnnotationImports
from annotations.api.bodies import AnnotationBody
from annotations.api.contract.examples import UPLOADED
from annotations.api.contract.intake import ONCE_ERRORS, BatchItem, RefusedItem
from reviewhub.common.contract import (
    IDEMPOTENCY_KEY,
    Answer,
    Body,
    Contract,
    Operation,
    form,
)


class NewAnnotation(BatchItem, tag="created"):
    """Stored and approved; the fold is the item's for ever."""

    external_id: str
    item: UUID
    fold: Literal["learn", "validate", "evaluate"]


class KnownAnnotation(NewAnnotation, tag="unchanged"):
    """It was here already."""


class AnnotationBatch(Struct):
    """Each item is judged for itself: a bad one is refused and spoils no other."""

    annotations: Annotated[list[AnnotationBody], Meta(max_length=1000)]


class AnnotationResults(Struct):
    """One result per item, in the order sent."""

    results: list[NewAnnotation | KnownAnnotation | RefusedItem]


BOX = {"label": "crack", "x": 12.5, "y": 40.0, "width": 96.0, "height": 7.5}
KNOWN = {
    "external_id": "cell-9",
    "label": "defect",
    "image": {"upload": UPLOADED["uid"]},
}
OF_OTHER_KINDS = {
    "boxes": {"annotations": [{"external_id": "panel-3", "boxes": [BOX], "image": KNOWN["image"]}]},
    "text": {"annotations": [{"external_id": "mail-9", "label": "complaint", "text": "Again!"}]},
}

CONTRACT: Contract = {
    AnnotationImports: {
        "post": Operation(
            "importAnnotations",
            "Import up to 1,000 items whose label is known",
            "Annotations",
            {
                200: Answer(
                    "Always, with one result per item in the order sent.",
                    AnnotationResults,
                    {
                        "results": [
                            {
                                "index": 0,
                                "external_id": "cell-9",
                                "status": "created",
                                "item": "01994f5e-6e22-7a90-9c31-5b8d2e7f4a60",
                                "fold": "learn",
                            }
                        ]
                    },
                )
            },
            "Approved at once, for learning from; they wait for nobody.",
            bodies=(
                Body(AnnotationBatch, {"annotations": [KNOWN]}, others=OF_OTHER_KINDS),
                form(
                    "batch",
                    AnnotationBatch,
                    {"annotations": [KNOWN | {"image": {"part": "photo"}}]},
                ),
            ),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(errors.BatchTooLarge, *ONCE_ERRORS, errors.StorageUnavailable),
        )
    }
}
