"""The promises about predictions that are here: their list, the story of each, taking one back."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from annotations import errors
from annotations.api.bodies import WithdrawalBody
from annotations.api.predictions import PredictionStories, PredictionWithdrawals
from reviewhub.common.clock import Moment
from reviewhub.common.contract import (
    PAGING,
    Answer,
    Body,
    Contract,
    Operation,
    Parameter,
    Share,
)
from reviewhub.common.errors import InvalidInput

PREDICTIONS = "Predictions"
SlicesTold = dict[str, str | int | float | bool | None]
NOT_FOR_REVIEWERS = (
    "Not for reviewers: a route says whether an item is an audit, and those are judged blind."
)


class Reason(Struct):
    """A rule that fired, with the figures that made it fire."""

    name: str
    detail: dict[str, Any]


class WithdrawalCard(Struct):
    """Why and when the client took the prediction back."""

    reason: str
    created_at: Moment


class PredictorCard(Struct):
    name: str
    version: str


class RouteCard(Struct):
    """One decision; later findings append further ones."""

    sequence: int
    outcome: Literal["accepted", "queued"]
    reasons: list[Reason]
    inclusion_probability: Share
    policy: int
    created_at: Moment


class Place(Struct):
    """A box in pixels of the upright image, from its top left corner."""

    label: str
    x: float
    y: float
    width: float
    height: float


class ScoredBox(Place):
    score: Share


class EntryCard(Struct):
    """The item in the queue; its state is the next action needed."""

    uid: UUID
    state: str
    taxonomy: int
    blind: bool
    due_at: Moment | None
    lapsed_at: Moment | None


class ReviewCard(Struct):
    """What one person said, unnamed; `counts` is false once it was taken back or superseded."""

    verdict: str
    label: str | None
    boxes: list[Place] | None
    reason: str
    blind: bool
    seconds: float
    counts: bool
    created_at: Moment


class AnnotationCard(Struct):
    """What people settled; rely on it once `approved` is true."""

    uid: UUID
    number: int
    outcome: Literal["label", "unusable"]
    taxonomy: int
    label: str | None
    boxes: list[Place] | None
    how: str
    corrects: bool | None
    approved: bool
    created_at: Moment


class PredictionStory(Struct):
    """From its arrival to what people settled; the answer in the fields in which it was sent."""

    prediction: UUID
    external_id: str
    item: UUID
    source_group: str
    slices: SlicesTold
    captured_at: Moment | None
    predictor: PredictorCard
    taxonomy: int
    label: str | None
    confidence: float
    flag: str
    received_at: Moment
    routes: list[RouteCard]
    entry: EntryCard | None
    reviews: list[ReviewCard]
    annotation: AnnotationCard | None
    withdrawal: WithdrawalCard | None
    probabilities: dict[str, Share] | UnsetType = UNSET
    boxes: list[ScoredBox] | UnsetType = UNSET
    samples: list[str] | UnsetType = UNSET
    prompt_version: str | UnsetType = UNSET


class ListedPrediction(Struct):
    """A prediction as a list tells it: `outcome` is where it stands now."""

    prediction: UUID
    external_id: str
    item: UUID
    predictor: PredictorCard
    label: str
    confidence: float
    flag: str
    received_at: Moment
    outcome: Literal["accepted", "queued"]
    reasons: list[Reason]
    inclusion_probability: Share
    policy: int
    withdrawal: WithdrawalCard | None


class PredictionList(Struct):
    """Newest first; `older` and `newer` are addresses of the neighbouring pages.

    A page of few or no rows may have an older one: 10,000 rows are looked through for each.
    """

    predictions: list[ListedPrediction]
    older: str | None
    newer: str | None


STORY = {
    "prediction": "01994f5e-6e20-7b11-8a5c-6d1f0e9b3c47",
    "external_id": "cell-1",
    "item": "01994f5e-6e22-7a90-9c31-5b8d2e7f4a60",
    "source_group": "module-7",
    "slices": {"line": "4", "camera": "el-2"},
    "captured_at": "2026-11-02T08:14:58+00:00",
    "predictor": {"name": "line-camera", "version": "12"},
    "taxonomy": 1,
    "label": "defect",
    "confidence": 0.65,
    "probabilities": {"defect": 0.65, "good": 0.35},
    "flag": "",
    "received_at": "2026-11-02T08:15:00+00:00",
    "routes": [
        {
            "sequence": 1,
            "outcome": "queued",
            "reasons": [{"name": "low_confidence", "detail": {"confidence": 0.65, "below": 0.7}}],
            "inclusion_probability": 0.1,
            "policy": 3,
            "created_at": "2026-11-02T08:15:00+00:00",
        }
    ],
    "entry": {
        "uid": "01994f5e-6e23-7e02-b7d4-9a1c3f5e8b20",
        "state": "approved",
        "taxonomy": 1,
        "blind": False,
        "due_at": None,
        "lapsed_at": None,
    },
    "reviews": [
        {
            "verdict": "corrected",
            "label": "good",
            "boxes": None,
            "reason": "",
            "blind": False,
            "seconds": 2.4,
            "counts": True,
            "created_at": "2026-11-02T08:17:30+00:00",
        }
    ],
    "annotation": {
        "uid": "01994f60-0b44-7c15-8f6e-1d2a4c9b7e31",
        "number": 1,
        "outcome": "label",
        "taxonomy": 1,
        "label": "good",
        "boxes": None,
        "how": "single",
        "corrects": True,
        "approved": True,
        "created_at": "2026-11-02T08:17:31+00:00",
    },
    "withdrawal": None,
}
LISTED = {
    **{name: STORY[name] for name in ("prediction", "external_id", "item", "predictor")},
    "label": "defect",
    "confidence": 0.65,
    "flag": "",
    "received_at": "2026-11-02T08:15:00+00:00",
    "outcome": "queued",
    "reasons": [{"name": "low_confidence", "detail": {"confidence": 0.65, "below": 0.7}}],
    "inclusion_probability": 0.1,
    "policy": 3,
    "withdrawal": None,
}
WITHDRAWN = {"reason": "The camera was dirty.", "created_at": "2026-11-02T08:16:00+00:00"}

LIST = Operation(
    "listPredictions",
    "Predictions, newest first",
    PREDICTIONS,
    {
        200: Answer(
            "One page.",
            PredictionList,
            {"predictions": [LISTED], "older": None, "newer": None},
        )
    },
    NOT_FOR_REVIEWERS,
    parameters=(
        Parameter("external_id", "The item's, in full.", {"type": "string"}),
        Parameter("outcome", "Where it stands.", {"enum": ["accepted", "queued"]}),
        Parameter("label", "What was predicted.", {"type": "string"}),
        Parameter("predictor", "The predictor's name.", {"type": "string"}),
        *PAGING,
    ),
    refusals=(InvalidInput,),
)

CONTRACT: Contract = {
    PredictionStories: {
        "get": Operation(
            "readPrediction",
            "The story of one prediction",
            PREDICTIONS,
            {200: Answer("Its routes, its entry, what people settled.", PredictionStory, STORY)},
            NOT_FOR_REVIEWERS,
            refusals=(errors.UnknownPrediction,),
        )
    },
    PredictionWithdrawals: {
        "post": Operation(
            "withdrawPrediction",
            "Take a prediction back",
            PREDICTIONS,
            {
                200: Answer(
                    "Its story, with the withdrawal.",
                    PredictionStory,
                    STORY | {"withdrawal": WITHDRAWN},
                )
            },
            "It counts in no estimate any more, and stays on record. Again, and the first "
            "withdrawal is the answer.",
            bodies=(Body(WithdrawalBody, {"reason": "The camera was dirty."}),),
            refusals=(errors.UnknownPrediction, errors.ReasonMissing),
        )
    },
}
