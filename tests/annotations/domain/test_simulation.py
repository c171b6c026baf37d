from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from annotations.domain.labels import LabelSpec
from annotations.domain.replayed import SHOWN, Judgement, Recorded
from annotations.domain.responses import Response
from annotations.domain.routing import (
    AuditBudget,
    Costs,
    DayOfTraffic,
    Facts,
    Learning,
    NamedRule,
    Novelty,
    ReviewEffort,
    Rules,
    When,
)
from annotations.domain.simulation import Simulation

MONDAY = date(2026, 11, 23)
COSTS = Costs.of(
    [LabelSpec("good", "Good"), LabelSpec("crack", "Crack", is_positive=True, cost_of_miss=5)]
)
STRICT = Rules(low_confidence=0.9, audit_rate=0.1)
LAX = Rules(low_confidence=0.6, audit_rate=0.1)


def recorded(number, confidence, *, day=0, item=None, judgement=None, response=None, **facts):
    return Recorded(
        day=MONDAY + timedelta(days=day),
        item_id=number if item is None else item,
        item_uid=f"uid-{number}",
        external_id=f"cell-{number}",
        facts=Facts("good", confidence, positive=1 - confidence, **facts),
        judgement=judgement,
        response=response,
    )


def simulated(predictions, *, now=LAX, new=STRICT, days=1, answers_wanted=1, **values):
    simulation = Simulation(
        now=now,
        new=new,
        costs=COSTS,
        days=[MONDAY + timedelta(days=each) for each in range(days)],
        answers_wanted=answers_wanted,
        **values,
    )
    for each in predictions:
        simulation.add(each)
    return simulation.as_json()


def test_both_rules_are_counted_per_day_and_by_reason():
    result = simulated(
        [recorded(n, confidence) for n, confidence in enumerate([0.5, 0.7, 0.8, 0.95])]
    )
    assert result["predictions"] == 4
    assert result["now"]["by_reason"] == {
        "low_confidence": 1,
        "audit": pytest.approx(0.3),  # the three accepted ones, one in ten each
    }
    assert result["new"]["by_reason"] == {"low_confidence": 3, "audit": pytest.approx(0.1)}
    assert result["new"]["entries"] == pytest.approx(3.1)
    assert result["new"]["audits"] == pytest.approx(0.4)
    assert (result["now"]["accepted"], result["new"]["accepted"]) == (3, 1)


def test_days_are_told_apart_and_averaged_quiet_ones_included():
    result = simulated([recorded(1, 0.5), recorded(2, 0.95, day=2)], days=3)
    assert [(day["day"], day["predictions"]) for day in result["by_day"]] == [
        ("2026-11-23", 1),
        ("2026-11-24", 0),
        ("2026-11-25", 1),
    ]
    assert result["new"]["predictions"] == pytest.approx(2 / 3)
    assert (result["first_day"], result["last_day"]) == ("2026-11-23", "2026-11-25")


def test_the_same_rules_change_nothing():
    result = simulated([recorded(n, n / 100) for n in range(1, 100)], now=LAX, new=LAX)
    assert result["now"] == result["new"]
    assert result["to_people"] == {"count": 0, "items": []}
    assert result["to_accepted"] == {"count": 0, "items": []}


def test_what_changes_sides_is_counted_both_ways_and_the_dearest_are_named():
    rule = NamedRule("line 3", When(slices={"line": ("3",)}))
    new = Rules(audit_rate=0.1, rules=(rule,))
    doubtful = [recorded(n, 0.3 + n / 1000) for n in range(SHOWN + 5)]
    doubtful += [doubtful[0]]  # sent again by another version of the predictor
    sure = [recorded(100, 0.99, slices={"line": 3})]
    result = simulated([*doubtful, *sure], new=new)
    assert result["to_people"]["count"] == 1
    (told,) = result["to_people"]["items"]
    assert (told["external_id"], told["label"]) == ("cell-100", "good")
    assert told["reasons"] == [{"name": "rule", "detail": {"rules": ["line 3"]}}]
    lost = result["to_accepted"]
    assert lost["count"] == SHOWN + 5
    assert [each["external_id"] for each in lost["items"]] == [f"cell-{n}" for n in range(SHOWN)]
    costs = [each["expected_cost"] for each in lost["items"]]
    assert costs == sorted(costs, reverse=True)


def test_an_item_enters_once_however_many_predictions_it_has():
    twice = [recorded(1, 0.5), recorded(2, 0.5, item=1), recorded(3, 0.95, item=1)]
    result = simulated(twice)
    assert result["new"]["by_reason"] == {"low_confidence": 1, "audit": 0}
    assert result["new"]["fired"] == {"low_confidence": 2}


def test_every_reason_that_fires_is_told_the_first_one_takes_the_entry():
    new = Rules(low_confidence=0.9, small_margin=0.5, audit_rate=0.1)
    result = simulated([recorded(1, 0.5, margin=0.1)], new=new)
    assert result["new"]["fired"] == {"low_confidence": 1, "small_margin": 1}
    assert result["new"]["by_reason"]["low_confidence"] == 1
    assert "small_margin" not in result["new"]["by_reason"]


def test_hours_and_money_follow_from_the_entries_and_the_answers_wanted():
    new = Rules(low_confidence=1.0, audit_rate=1.0, review=ReviewEffort(30, hourly_cost=40))
    result = simulated([recorded(n, 0.5) for n in range(120)], new=new, answers_wanted=2)
    assert result["new"]["hours"] == pytest.approx(2.0)
    assert result["new"]["money"] == pytest.approx(80.0)


def test_the_cap_holds_back_what_is_over_it_but_no_audit():
    new = Rules(low_confidence=1.0, audit_rate=1.0, daily_cap=10)
    result = simulated([recorded(n, 0.5) for n in range(25)], new=new)
    assert (result["new"]["held_back"], result["new"]["entries"]) == (15, 10)
    quiet = simulated([recorded(n, 0.5) for n in range(5)], new=new)
    assert quiet["new"]["held_back"] == 0


def test_workers_are_reckoned_with_by_their_budgets():
    new = Rules(audit_rate=1e-6, learning=Learning(20), novelty=Novelty(0.1, per_day=7))
    by_reason = simulated([recorded(n, 0.95) for n in range(100)], new=new)["new"]["by_reason"]
    assert (by_reason["informative"], by_reason["novelty"]) == (20, 7)
    few = simulated([recorded(n, 0.95) for n in range(10)], new=new)["new"]["by_reason"]
    assert (few["informative"], few["novelty"]) == (10, 1)


def test_audits_to_a_budget_are_planned_from_the_days_before():
    new = Rules(audit_budget=AuditBudget(10, 100))
    days = [recorded(1000 * day + n, 0.9, day=day) for day in range(3) for n in range(200)]
    result = simulated(days, new=new, days=3)
    # a day of nobody knows what: 10 %; then two days as the first one was: ten each
    assert result["new"]["audits"] == pytest.approx((20 + 10 + 10) / 3)
    known = simulated(days, new=new, days=3, history=[DayOfTraffic(200, 200 * 0.9 * 0.1**0.5)])
    assert known["new"]["audits"] == pytest.approx(10)


def test_rules_that_weigh_otherwise_do_not_go_by_the_influence_of_the_days_before():
    """A history of half the influence would have twice the audits drawn."""
    now = Rules(audit_budget=AuditBudget(10, 100))
    new = Rules(audit_budget=AuditBudget(10, 100, prior_miss_rate=0.5))
    day = [recorded(n, 0.9) for n in range(200)]
    history = [DayOfTraffic(200, 200 * 0.9 * 0.1**0.5 / 2)]
    result = simulated(day, now=now, new=new, history=history)
    assert result["now"]["audits"] == pytest.approx(2 + 8 * 2)
    assert result["new"]["audits"] == pytest.approx(10)


def test_of_a_share_everything_is_scaled_up():
    new = Rules(low_confidence=0.9, audit_budget=AuditBudget(40, 400), daily_cap=100)
    half = [recorded(n, 0.5 if n % 2 else 0.95) for n in range(100)]
    result = simulated(half, now=LAX, new=new, share=0.25)
    assert result["share"] == 0.25
    assert result["new"]["predictions"] == 400
    assert result["new"]["audits"] == pytest.approx(40)
    assert result["new"]["held_back"] == 100
    assert result["to_people"]["count"] == 0


def judged(number, confidence, *, wrong, probability=0.1):
    judgement = Judgement(probability, wrong)
    return recorded(number, confidence, judgement=judgement, response=Response.ANSWERED)


def test_misses_among_the_accepted_are_weighted_by_the_odds_of_their_audits():
    sure = [judged(n, 0.95, wrong=n < 12, probability=0.1 if n < 12 else 0.5) for n in range(112)]
    result = simulated([*sure, *(recorded(n, 0.95) for n in range(200, 1088))])
    misses = result["new"]["misses"]
    rate = 12 / 0.1 * 0.9 / (12 / 0.1 + 100 / 0.5)  # one in ten would be audited again
    assert misses["value"] == pytest.approx(rate * 1000)
    assert misses["lower"] < misses["value"] < misses["upper"]
    assert (misses["enough"], misses["hits"], misses["labels"]) == (True, 12, 112)


def test_what_the_rules_queue_is_no_miss_among_the_accepted():
    unsure = [judged(n, 0.7, wrong=True) for n in range(20)]
    sure = [judged(n, 0.95, wrong=False) for n in range(20, 200)]
    result = simulated([*unsure, *sure])
    assert result["now"]["misses"]["hits"] == 20
    assert result["new"]["misses"]["hits"] == 0
    assert result["new"]["misses"]["value"] == 0.0
    assert result["new"]["misses"]["upper"] > 0


def test_too_few_labels_are_said_to_be_too_few():
    result = simulated([judged(n, 0.95, wrong=False) for n in range(37)])
    misses = result["new"]["misses"]
    assert (misses["enough"], misses["labels"], misses["labels_missing"]) == (False, 37, 63)
    none = simulated([recorded(1, 0.95)])["new"]["misses"]
    assert (none["value"], none["enough"]) == (None, False)


@pytest.mark.parametrize(("missing", "enough"), [(0, True), (10, True), (11, False)])
def test_below_95_percent_of_answers_an_estimate_is_not_enough(missing, enough):
    answered = [judged(n, 0.95, wrong=n < 12) for n in range(190)]
    lost = [recorded(n, 0.95, response=Response.MISSING) for n in range(190, 190 + missing)]
    still = [recorded(n, 0.95, response=Response.OPEN) for n in range(300, 330)]
    misses = simulated([*answered, *lost, *still])["new"]["misses"]
    assert (misses["drawn"], misses["answered"], misses["open"]) == (220 + missing, 190, 30)
    assert misses["response_rate"] == pytest.approx(190 / (190 + missing))
    assert (misses["enough"], misses["labels_missing"]) == (enough, 0)


def test_an_audit_of_what_the_rules_queue_says_nothing_of_the_response_among_the_accepted():
    queued = [recorded(n, 0.7, response=Response.MISSING) for n in range(20)]
    result = simulated([*queued, judged(30, 0.95, wrong=False)])
    assert result["now"]["misses"]["response_rate"] == pytest.approx(1 / 21)
    assert result["new"]["misses"]["response_rate"] == 1.0


def test_the_expected_misses_are_the_true_ones_over_many_audits():
    """Audits drawn anew a hundred times over one day: the mean of the estimates is the truth."""
    random = np.random.default_rng(1)
    confidence = random.uniform(0.9, 1.0, 600)
    wrong = random.random(600) < 3 * (1 - confidence)
    chance = 0.1 + 4 * (1 - confidence)
    estimates = []
    for _ in range(100):
        drawn = random.random(600) < chance
        day = [
            judged(n, confidence[n], wrong=bool(wrong[n]), probability=chance[n])
            if drawn[n]
            else recorded(n, confidence[n])
            for n in range(600)
        ]
        estimates.append(simulated(day, new=LAX)["new"]["misses"]["value"])
    truth = wrong.sum() * 0.9
    error = np.std(estimates, ddof=1) / 10
    assert abs(np.mean(estimates) - truth) < 3 * error + 0.01 * truth
