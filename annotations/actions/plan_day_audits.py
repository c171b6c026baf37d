from __future__ import annotations

from datetime import date, datetime, timedelta

from annotations.domain.routing import AuditPlan as Plan
from annotations.domain.routing import DayOfTraffic, Rules, plan_audits
from annotations.models import AuditPlan, Project, RoutingPolicy
from reviewhub.common import tally
from reviewhub.common.statements import Statement

LOOK_BACK = timedelta(days=7)
"""A week, so that Monday is planned for by what a Monday brings."""

INFLUENCE_UNIT = 1_000_000
"""Influence is summed up in whole millionths: counters are integers."""


_FIXED = Statement(
    """
    SELECT scale, floor FROM annotations_auditplan WHERE policy_id = %(policy)s AND day = %(day)s
    """,
    Plan,
)


def plan_day_audits(
    *, project: Project, policy: RoutingPolicy, rules: Rules, now: datetime
) -> Plan | None:
    """The odds of audits on this site day, fixed by the first prediction of the day; safe to race.

    None where the rules give every prediction the same fixed chance.
    """
    if rules.audit_budget is None:
        return None
    day = tally.day_of(now, project.site_time_zone)
    fixed = _FIXED.first(policy=policy.pk, day=day)
    return fixed or _fix(project, policy, rules, day, now)


def _fix(project: Project, policy: RoutingPolicy, rules: Rules, day: date, now: datetime) -> Plan:
    days = _traffic(project, day)
    plan = plan_audits(rules, days=days)
    row, _ = AuditPlan.objects.get_or_create(
        policy=policy,
        day=day,
        defaults={
            "scale": plan.scale,
            "floor": plan.floor,
            "expected_volume": max((each.predictions for each in days), default=0),
            "created_at": now,
        },
    )
    return Plan(scale=row.scale, floor=row.floor)


def _traffic(project: Project, today: date) -> list[DayOfTraffic]:
    """The days before today only: what today brings must not bend its own odds."""
    names = ("predictions", "influence")
    counted = tally.by_day(project.pk, names, since=today - LOOK_BACK)
    days = {day for day, _ in counted if day < today}
    return [
        DayOfTraffic(
            predictions=counted.get((day, "predictions"), 0),
            influence=counted.get((day, "influence"), 0) / INFLUENCE_UNIT,
        )
        for day in sorted(days)
    ]
