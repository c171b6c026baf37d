"""The promises about routing policies: listed, put in force, and tried before."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from annotations import errors
from annotations.api.contract.intake import ONCE_ERRORS
from annotations.api.contract.jobs import JOB, JobCard
from annotations.api.contract.rules import RoutingDocument
from annotations.api.contract.stories import Reason
from annotations.api.routing import (
    PolicyBody,
    RoutingPolicies,
    RoutingSimulations,
    SimulationBody,
    SimulationChanges,
)
from reviewhub.common.clock import Moment
from reviewhub.common.contract import (
    IDEMPOTENCY_KEY,
    PAGING,
    Answer,
    Body,
    Contract,
    Operation,
    Parameter,
)
from reviewhub.common.errors import InvalidInput
from reviewhub.common.jobs import UnknownJob

ROUTING = "Routing"


class PolicyCard(Struct):
    """A numbered policy; docs/routing.md says what its rules mean."""

    number: int
    rules: RoutingDocument
    created_by: str | None
    created_at: Moment


class PolicyList(Struct):
    """Newest first: the first of all is in force."""

    policies: list[PolicyCard]
    older: str | None
    newer: str | None


class ChangeCard(Struct):
    """An item that would go the other way; `reasons` are those that would queue it, or do."""

    item: UUID
    external_id: str
    side: Literal["to_people", "to_accepted"]
    label: str | None
    confidence: float
    expected_cost: float
    reasons: list[Reason]


class ChangeList(Struct):
    """What was predicted last first. Complete for the items that were replayed."""

    changes: list[ChangeCard]
    older: str | None
    newer: str | None


CHANGE = {
    "item": "01994f5e-6e22-7a90-9c31-5b8d2e7f4a60",
    "external_id": "cell-1",
    "side": "to_people",
    "label": "good",
    "confidence": 0.74,
    "expected_cost": 1.3,
    "reasons": [{"name": "low_confidence", "detail": {"confidence": 0.74, "below": 0.8}}],
}
RULES = {
    "low_confidence": 0.8,
    "disagreement": True,
    "audit_budget": {"per_day": 100, "expected_per_day": 5000},
    "overrides": [{"when": {"slices": {"line": ["3"]}}, "set": {"low_confidence": 0.95}}],
}
POLICY = {
    "number": 3,
    "rules": RULES,
    "created_by": "lena",
    "created_at": "2026-11-02T08:00:00+00:00",
}
SIMULATION = JOB | {
    "kind": "simulate_policy",
    "state": "queued",
    "done": 0,
    "total": None,
    "message": "",
    "attempt": 0,
    "started_at": None,
}

CONTRACT: Contract = {
    RoutingPolicies: {
        "get": Operation(
            "listRoutingPolicies",
            "Routing policies, newest first",
            ROUTING,
            {
                200: Answer(
                    "One page.", PolicyList, {"policies": [POLICY], "older": None, "newer": None}
                )
            },
            parameters=PAGING,
            refusals=(InvalidInput,),
        ),
        "post": Operation(
            "reviseRoutingPolicy",
            "Put new rules in force",
            ROUTING,
            {201: Answer("In force for predictions from now on.", PolicyCard, POLICY)},
            "What was routed before keeps the policy, and the probabilities, it was routed under.",
            bodies=(Body(PolicyBody, {"rules": RULES}),),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(errors.PolicyInvalid, *ONCE_ERRORS),
        ),
    },
    SimulationChanges: {
        "get": Operation(
            "listSimulationChanges",
            "Items that a simulation found to change sides",
            ROUTING,
            {
                200: Answer(
                    "One page; none before the job has succeeded.",
                    ChangeList,
                    {"changes": [CHANGE], "older": None, "newer": None},
                )
            },
            "The lists of a project's last ten simulations are kept.",
            parameters=(
                Parameter("side", "To where.", {"enum": ["to_people", "to_accepted"]}),
                *PAGING,
            ),
            refusals=(InvalidInput, UnknownJob),
        )
    },
    RoutingSimulations: {
        "post": Operation(
            "simulateRoutingPolicy",
            "Replay recent predictions through other rules",
            ROUTING,
            {202: Answer("A job to watch; its result compares both rules.", JobCard, SIMULATION)},
            "Nothing is put in force by it.",
            bodies=(Body(SimulationBody, {"rules": RULES, "days": 14}),),
            parameters=(IDEMPOTENCY_KEY,),
            refusals=(errors.PolicyInvalid, *ONCE_ERRORS),
        )
    },
}
