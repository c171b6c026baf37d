"""What the rows say is enough: some days through intake, estimated from routes as they are stored.

A mailbox in which one text in twelve is a finding; its model is sure of itself and misses some of
them. Batches go in by the real intake, each day by the plan that its first batch fixes; then the
routes are read as an auditor would. Names, key and project are fixed, so every draw is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import numpy as np
import pytest

from annotations.domain.routing import AuditBudget, Rules
from annotations.models import AuditPlan, Route
from reviewhub.statistics.estimation import ratio, total
from tests import factories
from tests.factories import DEFECT, GOOD, incoming
from tests.kinds import texts_project

pytestmark = pytest.mark.django_db
BEGAN = datetime(2026, 5, 4, 8, tzinfo=UTC)
DAYS, A_DAY, BATCH, BUDGET = 8, 800, 400, 90
RULES = Rules(low_confidence=0.8, audit_budget=AuditBudget(per_day=BUDGET, expected_per_day=A_DAY))


class World(NamedTuple):
    """By prediction: the truth, which the test alone knows, and what the rows say."""

    positive: np.ndarray
    claimed: np.ndarray
    queued: np.ndarray
    audited: np.ndarray
    probability: np.ndarray

    @property
    def missed(self) -> np.ndarray:
        return self.positive & ~self.claimed


@pytest.fixture(name="world")
def _world() -> World:
    mail = texts_project(rules=RULES, now=BEGAN)
    mail.uid = UUID(int=2)
    mail.save(update_fields=["uid"])
    random = np.random.default_rng(11)
    positive = random.random(DAYS * A_DAY) < 0.08
    score = _scores(random, positive)
    for first in range(0, len(score), BATCH):
        day, at = divmod(first, A_DAY)
        sent = [_said(number, score[number]) for number in range(first, first + BATCH)]
        factories.submit(mail, *sent, now=BEGAN + timedelta(days=day, minutes=at))
    rows = Route.objects.filter(prediction__project=mail).order_by("prediction__item__external_id")
    logged = list(rows.values_list("outcome", "audited", "inclusion_probability"))
    outcome, audited, probability = map(np.array, zip(*logged, strict=True))
    return World(positive, score >= 0.5, outcome == "queued", audited, probability)


def _scores(random: np.random.Generator, positive: np.ndarray) -> np.ndarray:
    """Most findings are plain to the model, some are doubted, one in eight is not seen at all."""
    kind, size = random.random(len(positive)), len(positive)
    of_finding = np.where(kind < 0.6, random.beta(20, 1.5, size), random.uniform(0.2, 0.7, size))
    of_finding = np.where(kind > 0.87, random.beta(1.5, 20, size), of_finding)
    return np.where(positive, of_finding, random.beta(1, 14, size))


def _said(number: int, score: float):
    said = {DEFECT: round(float(score), 6), GOOD: round(1 - float(score), 6)}
    answer = {"probabilities": said}
    return incoming(f"mail-{number:05}", image=None, text=f"Text {number}.", probabilities=answer)


def test_from_the_rows_alone_the_miss_rate_is_right_and_the_queue_s_own_is_wrong(world):
    truth = world.missed.sum() / world.positive.sum()
    drawn = world.audited
    estimate = ratio(world.missed[drawn], world.positive[drawn], world.probability[drawn])
    error = np.sqrt(estimate.variance)
    assert abs(estimate.value - truth) < 3 * error
    assert estimate.interval.lower < truth < estimate.interval.upper
    assert error < truth / 2, "a test that could not fail"

    seen = world.queued & world.positive
    naive = (world.missed & seen).sum() / seen.sum()
    assert abs(naive - truth) > 5 * np.sqrt(naive * (1 - naive) / seen.sum())

    for quantity in (world.positive, world.missed, np.ones(len(drawn))):
        found = total(quantity[drawn], world.probability[drawn])
        assert abs(found.value - quantity.sum()) < 3 * np.sqrt(found.variance)


def test_every_day_has_its_plan_and_all_days_together_the_budget(world):
    assert AuditPlan.objects.count() == DAYS
    plans = AuditPlan.objects.order_by("day")
    assert [plan.expected_volume for plan in plans] == [A_DAY] * DAYS
    assert [plan.scale > 0 for plan in plans] == [False, *[True] * (DAYS - 1)]
    by_day = world.probability.reshape(DAYS, A_DAY)
    assert by_day.sum(axis=1) == pytest.approx([BUDGET] * DAYS, rel=0.15)
    assert len(set(by_day[0])) == 1 < len(set(by_day[1]))
    spread = np.sqrt((world.probability * (1 - world.probability)).sum())
    assert abs(world.audited.sum() - world.probability.sum()) < 3 * spread
