from __future__ import annotations

from datetime import date, datetime

from annotations.domain.routing import AuditPlan as Plan
from annotations.domain.routing import Rules, expected_volume, plan_audits
from annotations.models import AuditPlan, Project, RoutingPolicy
from annotations.queries.traffic import traffic_before
from reviewhub.common import tally
from reviewhub.common.statements import Statement

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
    # The days before today only: what today brings must not bend its own odds.
    days = traffic_before(project, day, rules=rules)
    plan = plan_audits(rules, days=days)
    row, _ = AuditPlan.objects.get_or_create(
        policy=policy,
        day=day,
        defaults={
            "scale": plan.scale,
            "floor": plan.floor,
            "expected_volume": expected_volume(rules, days),
            "created_at": now,
        },
    )
    return Plan(scale=row.scale, floor=row.floor)
