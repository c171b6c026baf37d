"""The promises to readers: the project, its queue, its items."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from annotations.api.contract.rules import RoutingDocument
from annotations.api.contract.stories import Place
from annotations.api.items import Items
from annotations.api.projects import Projects
from annotations.api.queue import Queue
from annotations.models.queue import STATES
from reviewhub.common.clock import Moment
from reviewhub.common.contract import PAGING, Answer, Contract, Operation, Parameter, Share
from reviewhub.common.errors import InvalidInput

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
    rules: RoutingDocument


class ReviewPolicyCard(Struct):
    """Of `grid_labels` many predictions may be confirmed on one screen."""

    number: int
    answers_wanted: int
    agreement_needed: int
    skips_allowed: int
    approval: str
    grace_seconds: int
    blind_share: Share
    grid_labels: list[str]
    grid_size: int
    grid_precision: Share
    grid_seconds: float
    grid_gold_share: Share


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


class ItemCard(Struct):
    """An item: where it stands in the queue, by when an answer is due, and what is settled of it: a
    label or boxes."""

    item: UUID
    external_id: str
    source_group: str
    fold: Literal["learn", "validate", "evaluate"]
    slices: dict[str, str | int | float | bool | None]
    captured_at: Moment | None
    received_at: Moment
    state: str | None
    due_at: Moment | None
    outcome: Literal["label", "unusable"] | None
    label: str | None
    boxes: list[Place] | None
    approved: bool


class ItemList(Struct):
    """Newest first; `older` and `newer` are addresses of the neighbouring pages.

    A page of few or no rows may have an older one: 10,000 rows are looked through for each.
    """

    items: list[ItemCard]
    older: str | None
    newer: str | None


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
        "grid_labels": [],
        "grid_size": 12,
        "grid_precision": 0.95,
        "grid_seconds": 6.0,
        "grid_gold_share": 0.1,
    },
}
ITEM = {
    "item": "01994f5e-6e22-7a90-9c31-5b8d2e7f4a60",
    "external_id": "cell-1",
    "source_group": "module-7",
    "fold": "learn",
    "slices": {"line": "4", "camera": "el-2"},
    "captured_at": "2026-11-02T08:14:58+00:00",
    "received_at": "2026-11-02T08:15:00+00:00",
    "state": "approved",
    "due_at": None,
    "outcome": "label",
    "label": "good",
    "boxes": None,
    "approved": True,
}

NAMED = "How their names begin; where more than 1,000 begin so, a whole name finds its item."

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
    Items: {
        "get": Operation(
            "listItems",
            "Items, newest first",
            "Items",
            {200: Answer("One page.", ItemList, {"items": [ITEM], "older": None, "newer": None})},
            "Not for reviewers: what is settled of an item would tell them what to say of it.",
            parameters=(
                Parameter("external_id", NAMED, {"type": "string"}),
                Parameter("state", "Of their entries in the queue.", {"enum": STATES}),
                Parameter("fold", "Theirs.", {"enum": ["learn", "validate", "evaluate"]}),
                *PAGING,
            ),
            refusals=(InvalidInput,),
        )
    },
}
