"""With which probability a prediction is drawn for audit: known before any label, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from annotations.domain.routing.facts import Facts
from annotations.domain.routing.parts import AuditBudget
from annotations.domain.routing.rules import LEAST_AUDIT_RATE, Rules

__all__ = [
    "INFLUENCE_UNIT",
    "LEAST_AUDIT_RATE",
    "WEEK",
    "AuditPlan",
    "DayOfTraffic",
    "expected_volume",
    "influence",
    "plan_audits",
]

WEEK = 7
"""Days with traffic that a plan goes by, so that Monday is planned for by what a Monday brings."""

INFLUENCE_UNIT = 1_000_000
"""Influence is summed up in whole millionths: counters are integers."""

NO_INFLUENCE = 1e-9
"""A mean below this is nothing to share out by: dividing by it would leave the numbers."""


class DayOfTraffic(NamedTuple):
    """How many predictions a site day brought, and the sum of their influence.

    None where they, or some of them, were weighed by another guess or other findings than now:
    such a sum says nothing of the influence that today's predictions will have.
    """

    predictions: int
    influence: float | None


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


def expected_volume(rules: Rules, days: Sequence[DayOfTraffic]) -> int:
    """How many predictions a day is planned for: as many as the busiest of `days` had.

    After a quiet Sunday the probabilities of a Sunday would draw all of Monday. While there is less
    than a week to go by, at least what the budget expects: a first day is often a trial of fifty.
    """
    busy = [day.predictions for day in days if day.predictions > 0]
    if rules.audit_budget is not None and len(busy) < WEEK:
        busy.append(rules.audit_budget.expected_per_day)
    return max(busy, default=0)


def plan_audits(rules: Rules, *, days: Sequence[DayOfTraffic] = ()) -> AuditPlan:
    """The plan of a new site day, from the last days before it that had traffic, at most a week.

    As many audits as the budget has are expected in a day of the expected volume, fewer on a
    quieter one or where certain items (probability 1) could use more than their share. Where
    nothing is known of the influence that so many will have, or under a fixed rate, the
    probability is the same for all.
    """
    if rules.audit_budget is None:
        return AuditPlan(scale=0.0, floor=rules.first_audit_rate)
    volume = expected_volume(rules, days)
    return _spread(rules.audit_budget, volume, _mean_influence(days, volume))


def _mean_influence(days: Sequence[DayOfTraffic], volume: int) -> float:
    """Of a prediction on the busiest day that tells; 0 where all were smaller than what is
    expected, as a trial's pictures are not those of the line."""
    if max((day.predictions for day in days), default=0) < volume:
        return 0.0
    told = [day for day in days if day.predictions and day.influence is not None]
    if not told:
        return 0.0
    busiest = max(told, key=lambda day: day.predictions)
    return (busiest.influence or 0.0) / busiest.predictions


def _spread(budget: AuditBudget, volume: int, mean: float) -> AuditPlan:
    share = budget.per_day / volume
    if share >= 1 or mean <= NO_INFLUENCE:
        return AuditPlan(scale=0.0, floor=min(1.0, max(share, LEAST_AUDIT_RATE)))
    floor = max(budget.floor * share, LEAST_AUDIT_RATE)
    return AuditPlan(scale=(1 - budget.floor) * share / mean, floor=floor)
