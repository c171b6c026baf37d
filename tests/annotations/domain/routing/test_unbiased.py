"""The logged probabilities are right: many simulated days, each item's truth known to the test.

A line makes parts of which one in twenty is defective; its model is overconfident and misses some
of them while sure of itself. Every prediction goes through the real router with real keyed draws
and a plan made from the day before. What is then estimated from the audits alone must be the
known truth within its standard error; what the queue itself says must be shown to be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from annotations.domain.routing import (
    AuditBudget,
    DayOfTraffic,
    Facts,
    Opinion,
    Rules,
    plan_audits,
    route,
)
from reviewhub.statistics.estimation import ratio, total
from reviewhub.statistics.sampling import keyed_uniform

KEY = b"the secret of a simulated plant!"
DAYS, A_DAY = 80, 1200
FIXED = Rules(low_confidence=0.8, disagreement=True, audit_rate=0.08)
BUDGET = Rules(
    low_confidence=0.8,
    disagreement=True,
    audit_budget=AuditBudget(per_day=100, expected_per_day=A_DAY),
)


@dataclass(frozen=True)
class Record:
    """One row per prediction of all days: what was true, what was said, what was logged."""

    day: np.ndarray
    positive: np.ndarray
    claimed: np.ndarray
    doubted: np.ndarray
    queued: np.ndarray
    audited: np.ndarray
    probability: np.ndarray

    @property
    def missed(self):
        return self.positive & ~self.claimed

    @property
    def right(self):
        return self.positive == self.claimed


def simulate(rules: Rules, *, seed: int, has_positives: bool = True) -> Record:
    random = np.random.default_rng(seed)
    rows, traffic = [], DayOfTraffic(0, 0.0)
    for day in range(DAYS):
        plan = plan_audits(rules, days=[traffic])
        influences = 0.0
        # the line changes from day to day, as lines do
        positive = random.random(A_DAY) < random.uniform(0.02, 0.08)
        score = _scores(random, positive)
        doubted = random.random(A_DAY) < np.where(positive, 0.2, 0.02)
        for number in range(A_DAY):
            decision = route(
                facts=_facts(score[number], doubted[number], has_positives),
                rules=rules,
                draw=keyed_uniform(KEY, "audit", str(seed), f"{day}-{number}", "model", "1", "1"),
                audit=plan,
            )
            influences += decision.influence
            rows.append(
                (
                    day,
                    positive[number],
                    score[number] >= 0.5,
                    any(reason.name != "audit" for reason in decision.reasons),
                    decision.outcome == "queued",
                    decision.audited,
                    decision.inclusion_probability,
                )
            )
        traffic = DayOfTraffic(A_DAY, influences)
    columns = list(zip(*rows, strict=True))
    return Record(np.array(columns[0]), *map(np.array, columns[1:]))


def _scores(random, positive):
    """Of the defects, most are plain to the model, one in five is not, one in twenty is unseen."""
    kind = random.random(A_DAY)
    hard, unseen = random.uniform(0.15, 0.65, A_DAY), random.beta(1, 30, A_DAY)
    of_defect = np.where(kind < 0.75, random.beta(20, 1.5, A_DAY), hard)
    of_defect = np.where(kind > 0.95, unseen, of_defect)
    return np.where(positive, of_defect, random.beta(1, 14, A_DAY))


def _facts(score: float, doubted: bool, has_positives: bool) -> Facts:
    claimed = bool(score >= 0.5)
    other = Opinion("other 1", "good" if claimed else "crack", labels=True)
    return Facts(
        predicted="crack" if claimed else "good",
        confidence=float(score if claimed else 1 - score),
        positive=float(score) if has_positives else None,
        predicted_positive=claimed and has_positives,
        differences=(other,) if doubted else (),
    )


@pytest.fixture(
    scope="module", params=["fixed rate", "budget", "budget without findings"], name="world"
)
def _world(request):
    rules = FIXED if request.param == "fixed rate" else BUDGET
    return simulate(rules, seed=3, has_positives="without" not in request.param)


QUANTITIES = {
    "miss rate": (lambda world: world.missed, lambda world: world.positive, 0.1),
    "accuracy": (lambda world: world.right, lambda world: np.ones_like(world.positive), 0.03),
}
"""Numerator, denominator, and how far off the queue is at least."""
QUANTITY = pytest.mark.parametrize("quantity", sorted(QUANTITIES))


@QUANTITY
def test_the_weighted_estimate_is_the_truth_within_its_standard_error(world, quantity):
    a, b = (of(world) for of in QUANTITIES[quantity][:2])
    truth = a.sum() / b.sum()
    estimate = ratio(a[world.audited], b[world.audited], world.probability[world.audited])
    assert abs(estimate.value - truth) < 3 * np.sqrt(estimate.variance)
    assert estimate.interval.lower < truth < estimate.interval.upper
    assert np.sqrt(estimate.variance) < 0.1 * truth + 0.01, "a test that could not fail"


@QUANTITY
def test_day_by_day_the_weighted_totals_err_to_neither_side(world, quantity):
    """The mean error over days, against the spread that the days themselves show."""
    for column in (of(world) for of in QUANTITIES[quantity][:2]):
        errors, variances = [], []
        for day in range(DAYS):
            drawn = (world.day == day) & world.audited
            estimate = total(column[drawn], world.probability[drawn])
            errors.append(estimate.value - column[world.day == day].sum())
            variances.append(estimate.variance)
        error, spread = np.mean(errors), np.std(errors, ddof=1) / np.sqrt(DAYS)
        assert abs(error) < 3 * spread
        # and the variance that is claimed is the one that is seen
        assert np.mean(variances) == pytest.approx(np.var(errors, ddof=1), rel=0.6)


@QUANTITY
def test_the_queue_as_it_is_tells_something_else(world, quantity):
    """The naive mean over all that people saw: wrong by more than any chance."""
    *parts, far = QUANTITIES[quantity]
    a, b = (of(world) for of in parts)
    truth = a.sum() / b.sum()
    seen_a, seen_b = a[world.queued], b[world.queued]
    naive = seen_a.sum() / seen_b.sum()
    error = np.sqrt(naive * (1 - naive) / seen_b.sum())
    assert abs(naive - truth) > 5 * error
    assert abs(naive - truth) > far


def test_what_fails_while_sure_is_seen_by_audits_alone(world):
    """Missed while nothing doubted it: the audits find as many as there are."""
    silent = world.missed & ~world.doubted
    assert not (silent & world.queued & ~world.audited).any()
    estimate = total(silent[world.audited], world.probability[world.audited])
    assert silent.sum() > 50
    assert abs(estimate.value - silent.sum()) < 3 * np.sqrt(estimate.variance)


def test_about_as_many_are_audited_as_the_budget_says():
    world = simulate(BUDGET, seed=5)
    a_day = world.audited.sum() / DAYS
    assert 0.85 * 100 < a_day < 1.05 * 100
    assert len(set(world.probability)) > DAYS, "influence makes the probabilities differ"
