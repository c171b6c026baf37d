"""What was said and decided is never changed: the database refuses, whoever asks."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from annotations.actions.approve_due import approve_due
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.actions.withdraw_prediction import withdraw_prediction
from annotations.domain.routing import Rules
from annotations.domain.routing.parts import AuditBudget
from annotations.models import (
    Annotation,
    Approval,
    AuditPlan,
    Label,
    Prediction,
    Review,
    ReviewPolicy,
    Route,
    RoutingPolicy,
    Taxonomy,
    Withdrawal,
)
from tests import factories
from tests.factories import TESTER, present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def judged() -> None:
    """One prediction that was routed by the odds of its day, reviewed, settled, approved and then
    withdrawn."""
    budget = AuditBudget(per_day=1, expected_per_day=1)
    cells = factories.project(rules=Rules(low_confidence=1.0, audit_budget=budget))
    entry = factories.queued(cells)
    rita = factories.reviewer(cells)
    claim_next(project=cells, reviewer=rita, now=present())
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rita,
        verdict="label",
        label_key="defect",
        token=uuid4(),
        seconds=1,
        now=present(),
    )
    approve_due(now=present())
    withdraw_prediction(
        project=cells,
        prediction_uid=entry.prediction.uid,
        reason="wrong camera",
        actor=TESTER,
        now=present(),
    )


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Prediction, {"label_key": "good"}),
        (Prediction, {"confidence": 0.1}),
        (Route, {"outcome": "accepted"}),
        (Route, {"inclusion_probability": 0.5}),
        (Review, {"label_key": "good"}),
        (Review, {"seconds": 9}),
        (Annotation, {"label_key": "good"}),
        (Approval, {"policy": "another"}),
        (Withdrawal, {"reason": "another"}),
        (AuditPlan, {"floor": 0.5}),
        (RoutingPolicy, {"rules": {"audit_rate": 1.0}}),
        (ReviewPolicy, {"grace_seconds": 9}),
        (Taxonomy, {"guidelines": "Anything goes."}),
        (Label, {"key": "another"}),
        (Label, {"cost_of_miss": 9.0}),
    ],
)
def test_a_row_that_tells_what_happened_stays_as_it_is(judged, model, change) -> None:
    before = list(model.objects.order_by("pk").values())
    assert before
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
    assert list(model.objects.order_by("pk").values()) == before


def test_a_review_can_be_taken_back_and_nothing_else_about_it(judged) -> None:
    assert Review.objects.update(effective=False) == 1
