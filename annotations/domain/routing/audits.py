"""With which probability a prediction is drawn for audit: known before any label, never 0."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from annotations.domain.routing.facts import Facts
from annotations.domain.routing.parts import AuditBudget
from annotations.domain.routing.rules import LEAST_AUDIT_RATE, Rules

__all__ = ["LEAST_AUDIT_RATE", "AuditPlan", "DayOfTraffic", "influence", "plan_audits"]

NO_INFLUENCE = 1e-9
"""A mean below this is nothing to share out by: dividing by it would leave the numbers."""


class DayOfTraffic(NamedTuple):
    """How many predictions a site day brought, and the sum of their influence."""

    predictions: int
    influence: float


class AuditPlan(NamedTuple):
    """One day's way from influence to probability; frozen for the policy and the site day.

    Chances add: every item has the floor, and on top of it its share of the rest of the budget.
    """

    scale: float
    floor: float

    def probability(self, influence: float) -> float:
        chance = self.floor + self.scale * influence
        return 1.0 if chance >= 1 else max(chance, LEAST_AUDIT_RATE)


def influence(facts: Facts, *, prior_miss_rate: float) -> float:
    """How far a label of this item could move the estimate: sqrt(E[e^2]) before it is known.

    For the miss rate R = missed / findings, e = a - R b. With the prior guess R0 and the chance f
    of a finding that is (1 - R0) sqrt(f) where no finding was predicted and R0 sqrt(f) where one
    was. Without positive labels the estimate is accuracy, and sqrt(q (1 - q)) with q = 1 -
    confidence takes its place. Miscalibrated chances cost precision, never truth.
    """
    if facts.positive is None:
        return sqrt(max(0.0, facts.confidence * (1 - facts.confidence)))
    weight = prior_miss_rate if facts.predicted_positive else 1 - prior_miss_rate
    return weight * sqrt(facts.positive)


def plan_audits(rules: Rules, *, days: Iterable[DayOfTraffic] = ()) -> AuditPlan:
    """The plan of a new site day, from the traffic of the days before it.

    It plans for the busiest of `days`: after a quiet Sunday the probabilities of a Sunday would
    draw all of Monday. As many audits as the budget has are expected in a day of that traffic,
    fewer on a quieter one or where certain items (probability 1) could use more than their share.
    Before there is any traffic, or under a fixed rate, the probability is the same for all.
    """
    if rules.audit_budget is None:
        return AuditPlan(scale=0.0, floor=rules.first_audit_rate)
    busiest = max(days, key=lambda day: day.predictions, default=DayOfTraffic(0, 0.0))
    if busiest.predictions <= 0:
        return AuditPlan(scale=0.0, floor=rules.first_audit_rate)
    return _spread(rules.audit_budget, busiest)


def _spread(budget: AuditBudget, day: DayOfTraffic) -> AuditPlan:
    share = budget.per_day / day.predictions
    if share >= 1 or day.influence <= day.predictions * NO_INFLUENCE:
        return AuditPlan(scale=0.0, floor=min(1.0, max(share, LEAST_AUDIT_RATE)))
    floor = max(budget.floor * share, LEAST_AUDIT_RATE)
    return AuditPlan(scale=(1 - budget.floor) * budget.per_day / day.influence, floor=floor)
