"""Which predictions people must see, and why: one pure function per reason."""

from __future__ import annotations

from annotations.domain.routing.audits import (
    INFLUENCE_UNIT,
    LEAST_AUDIT_RATE,
    WEEK,
    AuditPlan,
    DayOfTraffic,
    expected_volume,
    influence,
    plan_audits,
)
from annotations.domain.routing.deciding import Decision, Outcome, route
from annotations.domain.routing.facts import Costs, Facts, Opinion, facts_of
from annotations.domain.routing.parts import (
    AuditBudget,
    Due,
    Learning,
    NamedRule,
    Novelty,
    Override,
    ReviewEffort,
    When,
)
from annotations.domain.routing.reasons import (
    Doubts,
    Reason,
    ReasonName,
    audit,
    client_flag,
    disagreement,
    dissent,
    high_entropy,
    informative,
    low_confidence,
    novelty,
    rule,
    small_margin,
    taxonomy_changed,
)
from annotations.domain.routing.rules import Rules

__all__ = [
    "INFLUENCE_UNIT",
    "LEAST_AUDIT_RATE",
    "WEEK",
    "AuditBudget",
    "AuditPlan",
    "Costs",
    "DayOfTraffic",
    "Decision",
    "Doubts",
    "Due",
    "Facts",
    "Learning",
    "NamedRule",
    "Novelty",
    "Opinion",
    "Outcome",
    "Override",
    "Reason",
    "ReasonName",
    "ReviewEffort",
    "Rules",
    "When",
    "audit",
    "client_flag",
    "disagreement",
    "dissent",
    "expected_volume",
    "facts_of",
    "high_entropy",
    "influence",
    "informative",
    "low_confidence",
    "novelty",
    "plan_audits",
    "route",
    "rule",
    "small_margin",
    "taxonomy_changed",
]
