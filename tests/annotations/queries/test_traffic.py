from __future__ import annotations

from datetime import timedelta

import pytest

from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.domain.routing import AuditBudget, Rules
from annotations.queries.policies import rules_in_force
from annotations.queries.traffic import traffic_before
from reviewhub.common import tally
from tests.factories import NOTHING_QUEUED, TESTER, present, project

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
DAY = timedelta(days=1)


def brought(cells, days_ago, predictions):
    amounts = {"predictions": predictions, "influence": predictions * 100_000}
    tally.add(cells.pk, present().date() - days_ago * DAY, amounts)


def before(cells, days_ago, rules=NOTHING_QUEUED):
    return traffic_before(cells, present().date() - days_ago * DAY, rules=rules)


def test_the_last_seven_days_that_brought_something_are_what_the_counters_kept():
    cells = project(rules=NOTHING_QUEUED, now=present() - 60 * DAY)
    for days_ago in (50, 40, 9, 8, 6, 5, 3, 2, 1):
        brought(cells, days_ago, days_ago)
    brought(cells, 4, 0)
    found = before(cells, 1)
    assert [each.predictions for each in found] == [40, 9, 8, 6, 5, 3, 2]
    assert [each.influence for each in found] == pytest.approx([4.0, 0.9, 0.8, 0.6, 0.5, 0.3, 0.2])
    assert before(cells, 50) == []


def test_influence_is_told_of_days_that_were_weighed_alike_from_end_to_end():
    wary = Rules(audit_budget=AuditBudget(100, 1000, prior_miss_rate=0.5))
    cells = project(rules=wary, now=present() - 60 * DAY)
    for days_ago in (4, 3, 2, 1):
        brought(cells, days_ago, 10)
    revise_routing_policy(
        project=cells, rules=NOTHING_QUEUED, actor=TESTER, now=present() - 3 * DAY
    )
    _, rules = rules_in_force(cells)
    assert [each.influence for each in before(cells, 0, rules)] == [None, None, 1.0, 1.0]
    assert [each.influence for each in before(cells, 0, wary)] == [None] * 4
