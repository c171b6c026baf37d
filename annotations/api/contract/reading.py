"""The promises to readers: the project, its queue, the story of a prediction."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from annotations import errors
from annotations.api.contract.intake import PREDICTIONS, Reason
from annotations.api.predictions import PredictionStories
from annotations.api.projects import Projects
from annotations.api.queue import Queue
from reviewhub.common.clock import Moment
from reviewhub.common.contract import Answer, Contract, Operation, Share

PROJECT = "Project"


class LabelCard(Struct):
    """One class. `is_positive` marks what is looked for, such as a defect; costs are relative."""

    key: str
    name: str
    guideline: str
    is_positive: bool
    cost_of_miss: float
    cost_of_false_alarm: float


class TaxonomyCard(Struct):
    """The label set in force; `mapping` leads from labels of the one before to these."""

    number: int
    guidelines: str
    mapping: dict[str, str | None]
    labels: list[LabelCard]


class RoutingPolicyCard(Struct):
    number: int
    rules: dict[str, Any]


class ReviewPolicyCard(Struct):
    number: int
    answers_wanted: int
    agreement_needed: int
    skips_allowed: int
    approval: str
    grace_seconds: int
    blind_share: Share


class ProjectCard(Struct):
    """What a client needs before it sends anything."""

    slug: str
    name: str
    kind: str
    note: str
    site_time_zone: str
    taxonomy: TaxonomyCard
    routing_policy: RoutingPolicyCard
    review_policy: ReviewPolicyCard


class QueueAccounts(Struct):
    """`entered` and `by_state` are counted independently; `balanced` says whether they agree."""

    entered: int
    by_state: dict[str, int]
    gold: int
    balanced: bool


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
    prediction: UUID
    external_id: str
    item: UUID
    predictor: PredictorCard
    taxonomy: int
    label: str
    confidence: float
    probabilities: dict[str, float]
    received_at: Moment
    routes: list[RouteCard]
    entry: EntryCard | None
    annotation: AnnotationCard | None


CARD = {
    "slug": "solar-cells",
    "name": "Solar cells, line 3",
    "kind": "image_classification",
    "note": "",
    "site_time_zone": "Europe/Berlin",
    "taxonomy": {
        "number": 1,
        "guidelines": "Judge the cell, not the picture of it.",
        "mapping": {},
        "labels": [
            {
                "key": "defect",
                "name": "Defect",
                "guideline": "A crack, a dead area or a broken finger.",
                "is_positive": True,
                "cost_of_miss": 5.0,
                "cost_of_false_alarm": 1.0,
            }
        ],
    },
    "routing_policy": {
        "number": 3,
        "rules": {"low_confidence": 0.7, "disagreement": True, "audit_rate": 0.1},
    },
    "review_policy": {
        "number": 1,
        "answers_wanted": 1,
        "agreement_needed": 1,
        "skips_allowed": 2,
        "approval": "automatic",
        "grace_seconds": 600,
        "blind_share": 0.2,
    },
}
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
}

CONTRACT: Contract = {
    Projects: {
        "get": Operation(
            "readProject",
            "The project: labels and policies in force",
            PROJECT,
            {200: Answer("The project.", ProjectCard, CARD)},
        )
    },
    Queue: {
        "get": Operation(
            "readQueue",
            "The queue's accounts",
            PROJECT,
            {
                200: Answer(
                    "What entered, and where it stands.",
                    QueueAccounts,
                    {
                        "entered": 3,
                        "by_state": {"awaiting_review": 2, "approved": 1},
                        "gold": 0,
                        "balanced": True,
                    },
                )
            },
        )
    },
    PredictionStories: {
        "get": Operation(
            "readPrediction",
            "The story of one prediction",
            PREDICTIONS,
            {200: Answer("Its routes, its entry, what people settled.", PredictionStory, STORY)},
            "Not for reviewers: a route says whether an item is an audit, and those are judged "
            "blind.",
            refusals=(errors.UnknownPrediction,),
        )
    },
}
