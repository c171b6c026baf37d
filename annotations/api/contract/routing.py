"""The promises about routing policies: listed, put in force, and tried before."""

from __future__ import annotations

from msgspec import Struct

from annotations import errors
from annotations.api.contract.intake import ONCE_ERRORS
from annotations.api.contract.jobs import JOB, JobCard
from annotations.api.contract.rules import RoutingDocument
from annotations.api.routing import (
    PolicyBody,
    RoutingPolicies,
    RoutingSimulations,
    SimulationBody,
)
from reviewhub.common.clock import Moment
from reviewhub.common.contract import IDEMPOTENCY_KEY, PAGING, Answer, Body, Contract, Operation
from reviewhub.common.errors import InvalidInput

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
