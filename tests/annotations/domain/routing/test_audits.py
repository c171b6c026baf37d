from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.routing import (
    LEAST_AUDIT_RATE,
    WEEK,
    AuditBudget,
    AuditPlan,
    DayOfTraffic,
    Facts,
    Rules,
    expected_volume,
    influence,
    plan_audits,
)


def rules(per_day=100, expected=1000, **values):
    return Rules(audit_budget=AuditBudget(per_day, expected, **values))


def facts(positive, *, predicted_positive=False, confidence=0.9):
    return Facts("good", confidence, positive=positive, predicted_positive=predicted_positive)


def test_influence_is_the_root_of_the_expected_squared_residual():
    """E[e^2] with e = a - R0 b, a = missed finding, b = finding."""
    for f in (0.0, 0.01, 0.3, 1.0):
        missed, caught = (1 - 0.1) ** 2 * f, (0 - 0.1) ** 2 * f
        assert influence(facts(f), prior_miss_rate=0.1) == pytest.approx(sqrt(missed))
        claimed = facts(f, predicted_positive=True)
        assert influence(claimed, prior_miss_rate=0.1) == pytest.approx(sqrt(caught))


def test_without_findings_influence_is_the_spread_of_being_right():
    assert influence(facts(None, confidence=0.9), prior_miss_rate=0.1) == pytest.approx(0.3)
    assert influence(facts(None, confidence=1.0), prior_miss_rate=0.1) == 0.0
    assert influence(facts(None, confidence=1.0000001), prior_miss_rate=0.1) == 0.0


def test_before_there_is_any_traffic_all_have_the_same_chance():
    for plan in (plan_audits(rules()), plan_audits(rules(), days=[DayOfTraffic(0, 0.0)])):
        assert [plan.probability(i) for i in (0.0, 0.5, 9.0)] == [0.1] * 3
    assert plan_audits(rules(500, 100)).probability(0.0) == 1.0


def test_a_fixed_rate_needs_no_plan():
    plan = plan_audits(Rules(audit_rate=0.25), days=[DayOfTraffic(10**6, 10**6)])
    assert plan == AuditPlan(scale=0.0, floor=0.25)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.integers(1, 20))
def test_a_day_like_the_day_before_draws_the_budget_and_never_more(influences, per_day):
    day = DayOfTraffic(len(influences), sum(influences))
    plan = plan_audits(rules(per_day), days=[day] * WEEK)
    chances = [plan.probability(each) for each in influences]
    assert all(LEAST_AUDIT_RATE <= chance <= 1 for chance in chances)
    assert sum(chances) <= per_day * (1 + 1e-9) + len(chances) * LEAST_AUDIT_RATE
    if max(chances) < 1 and min(influences) > 0:
        assert sum(chances) == pytest.approx(per_day)


def test_what_could_move_the_estimate_is_drawn_more_often_and_the_sure_keep_the_floor():
    plan = plan_audits(rules(100, floor=0.2), days=[DayOfTraffic(10_000, 500.0)])
    assert plan.probability(0.0) == pytest.approx(0.2 * 100 / 10_000)
    assert plan.probability(0.1) - plan.floor == pytest.approx(
        2 * (plan.probability(0.05) - plan.floor)
    )


def test_the_plan_is_for_the_busiest_of_the_days_given():
    monday, sunday = DayOfTraffic(10_000, 500.0), DayOfTraffic(20, 3.0)
    assert plan_audits(rules(), days=[monday, sunday]) == plan_audits(rules(), days=[monday])


def test_a_budget_above_the_traffic_of_a_week_draws_everything():
    assert plan_audits(rules(100), days=[DayOfTraffic(40, 9.0)] * WEEK).probability(0.0) == 1.0


def test_after_a_trial_of_fifty_the_budget_still_holds_on_a_day_as_expected():
    plan = plan_audits(Rules.default(), days=[DayOfTraffic(50, 0.5)])
    budget = Rules.default().audit_budget
    chances = [plan.probability(each) for each in (0.0, 0.01, 0.3, 0.9)]
    assert chances == [budget.per_day / budget.expected_per_day] * 4
    assert expected_volume(Rules.default(), [DayOfTraffic(50, 0.5)]) == budget.expected_per_day


@pytest.mark.parametrize(("days", "volume"), [(1, 1000), (WEEK - 1, 1000), (WEEK, 50)])
def test_until_there_is_a_week_at_least_the_expected_traffic_is_planned_for(days, volume):
    assert expected_volume(rules(), [DayOfTraffic(50, 9.0)] * days) == volume
    assert expected_volume(rules(), [DayOfTraffic(5000, 9.0)] * days) == 5000
    # a day that brought nothing is no day to go by
    quiet = [DayOfTraffic(0, 0.0)] * WEEK
    assert expected_volume(rules(), [*quiet, *[DayOfTraffic(50, 9.0)] * days]) == volume


def test_influence_that_was_weighed_otherwise_is_not_reckoned_with():
    old, new = DayOfTraffic(10_000, None), DayOfTraffic(2000, 500.0)
    even = plan_audits(rules(100), days=[old])
    assert even == AuditPlan(scale=0.0, floor=0.01)
    mixed = plan_audits(rules(100), days=[old, new])
    # planned for the busiest day, as if it had been of the influence that is known
    assert mixed == plan_audits(rules(100), days=[DayOfTraffic(10_000, 2500.0)])


def test_where_nothing_has_influence_all_have_the_same_chance():
    assert plan_audits(rules(100), days=[DayOfTraffic(1000, 0.0)]).probability(0.0) == 0.1


def test_a_tiny_budget_still_leaves_nobody_out():
    plan = plan_audits(rules(1), days=[DayOfTraffic(10**9, 10.0**8)])
    assert plan.probability(0.0) == LEAST_AUDIT_RATE


def test_the_budget_spent_by_influence_halves_the_variance_where_chances_mean_what_they_say():
    random = np.random.default_rng(0)
    chance = 1 / (1 + np.exp(-random.normal(-10, 6, 20_000)))
    truth = random.random(20_000) < chance
    claimed = chance >= 0.5
    missed = truth & ~claimed
    residuals = missed - missed.sum() / truth.sum() * truth
    weights = [
        influence(facts(f, predicted_positive=c), prior_miss_rate=0.1)
        for f, c in zip(chance.tolist(), claimed.tolist(), strict=True)
    ]
    plan = plan_audits(rules(1000), days=[DayOfTraffic(20_000, sum(weights))])

    def variance(probabilities):
        return float(np.sum((1 - probabilities) / probabilities * residuals**2))

    spent = np.array([plan.probability(weight) for weight in weights])
    assert spent.sum() == pytest.approx(1000)
    assert variance(spent) < variance(np.full(20_000, 0.05)) / 2
