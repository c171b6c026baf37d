"""The odds of a day: known before its first prediction, from the days before, and fixed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from annotations.actions.plan_day_audits import plan_day_audits
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.routing import AuditBudget, Rules
from annotations.models import AuditPlan, Route
from reviewhub.common import tally
from tests import factories
from tests.races import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RULES = Rules(audit_budget=AuditBudget(per_day=100, expected_per_day=1000))


def plan(cells, now=NOON, rules=RULES):
    policy = cells.routing_policies.order_by("-number").first()
    return plan_day_audits(project=cells, policy=policy, rules=rules, now=now)


def traffic(cells, *, days_ago: int, predictions: int, influence: float) -> None:
    day = (NOON - timedelta(days=days_ago)).date()
    counted = {"predictions": predictions, "influence": round(influence * 1_000_000)}
    tally.add(cells.pk, day, counted)


def test_the_first_day_goes_by_what_is_expected():
    odds = plan(factories.project(rules=RULES))
    assert odds.probability(0.0) == odds.probability(0.9) == pytest.approx(0.1)


def test_later_days_go_by_the_traffic_before_them():
    cells = factories.project(rules=RULES)
    traffic(cells, days_ago=1, predictions=10_000, influence=2_000.0)
    odds = plan(cells)
    # a fifth of 100 audits spread over 10,000, the rest by influence
    assert odds.floor == pytest.approx(0.002)
    assert odds.probability(0.2) == pytest.approx(0.002 + 80 / 2_000 * 0.2)
    assert AuditPlan.objects.get().expected_volume == 10_000


def test_a_small_first_day_does_not_have_the_second_drawn_whole():
    cells = factories.project(rules=RULES)
    traffic(cells, days_ago=1, predictions=50, influence=0.5)
    odds = plan(cells)
    assert odds.probability(0.0) == odds.probability(0.9) == pytest.approx(0.1)
    assert AuditPlan.objects.get().expected_volume == 1000


def test_after_days_that_brought_nothing_the_last_that_did_are_gone_by():
    cells = factories.project(rules=RULES)
    for days_ago in range(20, 28):
        traffic(cells, days_ago=days_ago, predictions=days_ago * 1000, influence=500.0)
    odds = plan(cells)
    # the busiest of the last seven: 26,000 of them
    assert odds.floor == pytest.approx(0.2 * 100 / 26_000)
    assert odds.probability(500 / 26_000) == pytest.approx(100 / 26_000)


def test_another_guess_of_the_miss_rate_does_not_bend_the_budget():
    """Predicted as good, an item weighs 0.5 under the old guess and 0.9 under the new."""
    before = Rules(audit_budget=AuditBudget(100, 1000, prior_miss_rate=0.5))
    cells = factories.project(rules=before, now=NOON - timedelta(days=30))
    revise_routing_policy(
        project=cells, rules=RULES, actor=factories.TESTER, now=NOON - timedelta(hours=3)
    )
    for days_ago in range(1, 8):
        traffic(cells, days_ago=days_ago, predictions=10_000, influence=5_000 * 0.5)
    # the day on which it changed, and the next, whose day before was weighed by both
    today, tomorrow = plan(cells), plan(cells, NOON + timedelta(days=1))
    assert today.probability(0.9) == tomorrow.probability(0.9) == pytest.approx(0.01)
    traffic(cells, days_ago=0, predictions=10_000, influence=5_000 * 0.7)
    traffic(cells, days_ago=-1, predictions=10_000, influence=5_000 * 0.9)
    odds = plan(cells, NOON + timedelta(days=2))
    assert odds.floor < 0.01
    assert sum(odds.probability(each) for each in [0.9, 0.0]) * 5_000 == pytest.approx(100)


def test_other_findings_are_weighed_anew_and_new_names_of_the_same_are_not():
    cells = factories.project(rules=RULES, now=NOON - timedelta(days=30))
    traffic(cells, days_ago=1, predictions=10_000, influence=2_000.0)
    good, flaw = LabelSpec("good", "Good"), LabelSpec("flaw", "Flaw", is_positive=True)
    renamed = TaxonomySpec(labels=[good, flaw], mapping={"defect": "flaw"})
    revise_taxonomy(project=cells, spec=renamed, actor=factories.TESTER, now=NOON)
    assert plan(cells).scale == pytest.approx(80 / 2_000)
    more = TaxonomySpec(labels=[good, flaw, LabelSpec("dirt", "Dirt", is_positive=True)])
    revise_taxonomy(project=cells, spec=more, actor=factories.TESTER, now=NOON)
    assert plan(cells, NOON + timedelta(days=1)).scale == 0.0


def test_what_the_day_itself_brings_does_not_bend_its_odds():
    cells = factories.project(rules=RULES)
    traffic(cells, days_ago=0, predictions=1_000_000, influence=1.0)
    assert plan(cells).floor == pytest.approx(0.1)


def test_the_odds_of_a_day_are_fixed_by_its_first_prediction():
    cells = factories.project(rules=RULES)
    morning = plan(cells)
    traffic(cells, days_ago=1, predictions=10_000, influence=2_000.0)
    assert plan(cells, NOON + timedelta(hours=5)) == morning
    assert plan(cells, NOON + timedelta(days=1)) != morning


def test_a_day_begins_where_the_site_is():
    cells = factories.project(rules=RULES, site_time_zone="Asia/Tokyo")
    plan(cells, datetime(2026, 3, 4, 14, 59, tzinfo=UTC))
    plan(cells, datetime(2026, 3, 4, 15, 1, tzinfo=UTC))
    assert [
        str(day) for day in AuditPlan.objects.order_by("day").values_list("day", flat=True)
    ] == [
        "2026-03-04",
        "2026-03-05",
    ]


def test_a_fixed_rate_needs_no_plan():
    cells = factories.project()
    assert plan(cells, rules=Rules(audit_rate=0.1)) is None
    assert not AuditPlan.objects.exists()


def test_every_route_keeps_the_odds_it_was_drawn_by():
    cells = factories.project(rules=RULES)
    day = (factories.present() - timedelta(days=1)).date()
    tally.add(cells.pk, day, {"predictions": 1000, "influence": 100_000_000})
    factories.submit(
        cells,
        factories.incoming("sure", confidence=0.99),
        factories.incoming("torn", confidence=0.6),
    )
    odds = dict(Route.objects.values_list("prediction__item__external_id", "inclusion_probability"))
    fixed = AuditPlan.objects.get()
    assert odds["sure"] > fixed.floor
    # a finding that was predicted surely moves the miss rate more than one half believed in
    assert odds["sure"] > odds["torn"]


@pytest.mark.django_db(transaction=True)
def test_four_first_predictions_at_once_fix_one_plan():
    cells = factories.project(rules=RULES)
    told = at_once(*[lambda: plan(cells)] * 4)
    assert told == [told[0]] * 4
    assert AuditPlan.objects.count() == 1
