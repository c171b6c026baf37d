"""The decision itself; it runs for every prediction, so it is written for speed."""

from __future__ import annotations

from typing import Literal, NamedTuple

from annotations.domain.routing.audits import AuditPlan, influence
from annotations.domain.routing.facts import UNIT_COSTS, Costs, Facts
from annotations.domain.routing.reasons import Reason
from annotations.domain.routing.reasons import audit as audit_reason
from annotations.domain.routing.rules import Rules

Outcome = Literal["accepted", "queued"]


class Decision(NamedTuple):
    """What becomes of a prediction, and what must be logged for any later estimate.

    `inclusion_probability` in (0, 1] is the chance of the audit draw alone, known before any
    label; `audited` means drawn, which is `draw < inclusion_probability`. `influence` is what the
    probability was made from, to be summed up for the plan of the next day; `expected_cost` is
    what the prediction is expected to cost if nobody looks at it.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    inclusion_probability: float
    draw: float
    audited: bool
    influence: float
    expected_cost: float


def route(
    *,
    facts: Facts,
    rules: Rules,
    draw: float,
    audit: AuditPlan | None = None,
    costs: Costs = UNIT_COSTS,
) -> Decision:
    """Decide about one prediction.

    The audit is an independent draw for every prediction: no other reason makes it more or less
    likely, else estimates would lean towards what was queued anyway. `draw` in [0, 1) is a keyed
    hash, so asking again decides the same. `audit` is the plan of the day, which only rules with
    an audit budget heed; without it every prediction has the same chance.
    """
    if not 0 <= draw < 1:
        raise ValueError(f"draw must be in [0, 1), not {draw}")
    limits = rules.limits(facts)
    fired = []
    for check, parameter in limits.checks:
        reason = check(facts, parameter)
        if reason is not None:
            fired.append(reason)
    counts = influence(facts, prior_miss_rate=rules.prior_miss_rate)
    if audit is None or rules.audit_budget is None:
        probability = limits.audit_rate
    else:
        probability = audit.probability(counts)
    drawn = audit_reason(draw, probability)
    if drawn is not None:
        fired.append(drawn)
    return Decision(
        "queued" if fired else "accepted",
        tuple(fired),
        probability,
        draw,
        drawn is not None,
        counts,
        costs.expected(facts),
    )
