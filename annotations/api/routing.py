"""Routing policies: listed, tried on what is on record, and put in force."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.actions.request_simulation import MOST_DAYS, request_simulation
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.api.bodies import decode, invalid
from annotations.api.door import Access, ProjectView
from annotations.api.jobs import told as told_job
from annotations.api.paging import filters_of, limit_of, page_answer
from annotations.api.parsers import JsonBytes
from annotations.api.sent import Sent
from annotations.domain.routing import Rules
from annotations.models import Role, RoutingPolicy, Side, SideChange, Verb
from annotations.queries.changed_sides import changed_sides, simulation_of
from annotations.queries.routing import routing_policies_of
from reviewhub.common.errors import JsonDict
from reviewhub.common.pages import cursor_of

READ = Access(tuple(Verb), Role.LEAD)
DECIDE = Access((Verb.RELEASE,), Role.LEAD)

# Checked by the domain, which names every fault; the schema tells what is meant.
RulesSent = Annotated[
    dict[str, Any], Meta(extra_json_schema={"$ref": "#/components/schemas/RoutingDocument"})
]


class PolicyBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`rules` is a routing document, as `GET …/routing/policies` tells it."""

    rules: RulesSent


class SimulationBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`days` counts closed site days, back from yesterday."""

    rules: RulesSent
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] = 14


class RoutingPolicies(ProjectView):
    """GET the numbered policies, newest first: the first is in force. POST puts a new one there."""

    access = {"get": READ, "post": DECIDE}
    parser_classes = [JsonBytes]

    def get(self, request: Request, slug: str) -> Response:
        filters_of(request)
        cursor, limit = cursor_of(request.query_params), limit_of(request)
        part = routing_policies_of(self.project.pk, cursor, limit)
        return page_answer(request, "policies", part, _told, {})

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "policy")
        return self.once(request, sent, lambda: (201, self._revise(sent)))

    def _revise(self, sent: Sent) -> JsonDict:
        asked = decode(sent.json, PolicyBody)
        return _told(
            revise_routing_policy(
                project=self.project,
                rules=Rules.from_json(asked.rules),
                actor=self.actor,
                now=self.now,
            )
        )


class RoutingSimulations(ProjectView):
    """POST rules to have recent predictions replayed through them; 202 and a job to watch.

    The job's `result` compares the rules in force (`now`) with those sent (`new`).
    """

    access = {"post": DECIDE}
    parser_classes = [JsonBytes]

    def post(self, request: Request, slug: str) -> Response:
        sent = Sent.read(request, "simulation")
        return self.once(request, sent, lambda: (202, self._simulate(sent)))

    def _simulate(self, sent: Sent) -> JsonDict:
        asked = decode(sent.json, SimulationBody)
        job = request_simulation(
            project=self.project,
            rules=Rules.from_json(asked.rules),
            days=asked.days,
            actor=self.actor,
            now=self.now,
        )
        return told_job(job)


class SimulationChanges(ProjectView):
    """GET the items that a simulation found to change sides, all of them, page by page."""

    access = {"get": DECIDE}

    def get(self, request: Request, slug: str, uid: UUID) -> Response:
        filters = filters_of(request, "side")
        if filters["side"] not in ("", *Side.values):
            raise invalid("side", f"Expected {' or '.join(Side.values)}.")
        job = simulation_of(self.project.pk, uid)
        cursor, limit = cursor_of(request.query_params), limit_of(request)
        part = changed_sides(job, cursor, limit, side=filters["side"])
        return page_answer(request, "changes", part, _told_change, filters)


def _told_change(change: SideChange) -> JsonDict:
    return {
        "item": str(change.item.uid),
        "external_id": change.item.external_id,
        "side": change.side,
        "label": change.label_key or None,
        "confidence": change.confidence,
        "expected_cost": change.expected_cost,
        "reasons": change.reasons,
    }


def _told(policy: RoutingPolicy) -> JsonDict:
    return {
        "number": policy.number,
        "rules": policy.rules,
        "created_by": policy.created_by.get_username() if policy.created_by else None,
        "created_at": policy.created_at.isoformat(),
    }
