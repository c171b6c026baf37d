"""The promises about predictions that are here: their list, the story of each, taking one back."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

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


class EntryCard(Struct):
    """The item in the queue; its state is the next action needed."""

    uid: UUID
    state: str


class AnnotationCard(Struct):
    """What people settled; rely on it once `approved` is true."""

    uid: UUID
    number: int
    outcome: Literal["label", "unusable"]
    label: str | None
    how: str
    corrects: bool | None
    approved: bool
    created_at: Moment


class PredictionStory(Struct):
    """`probabilities` holds the answer as it was sent, in the form of the project's kind."""

    prediction: UUID
    external_id: str
    item: UUID
    predictor: PredictorCard
    taxonomy: int
    label: str
    confidence: float
    probabilities: dict[str, Any]
    received_at: Moment
    routes: list[RouteCard]
    entry: EntryCard | None
    annotation: AnnotationCard | None
    withdrawal: WithdrawalCard | None


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
    """Newest first; `older` and `newer` are addresses of the neighbouring pages."""

    predictions: list[ListedPrediction]
    older: str | None
    newer: str | None


STORY = {
    "prediction": "01994f5e-6e20-7b11-8a5c-6d1f0e9b3c47",
    "external_id": "cell-1",
    "item": "01994f5e-6e22-7a90-9c31-5b8d2e7f4a60",
    "predictor": {"name": "line-camera", "version": "12"},
    "taxonomy": 1,
    "label": "defect",
    "confidence": 0.65,
    "probabilities": {"defect": 0.65, "good": 0.35},
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
    "entry": {"uid": "01994f5e-6e23-7e02-b7d4-9a1c3f5e8b20", "state": "approved"},
    "annotation": {
        "uid": "01994f60-0b44-7c15-8f6e-1d2a4c9b7e31",
        "number": 1,
        "outcome": "label",
        "label": "good",
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
