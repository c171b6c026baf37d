"""What was said and decided is never changed: the database refuses, whoever asks."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from annotations.actions.approve_due import approve_due
from annotations.actions.claim_next import claim_next
from annotations.actions.submit_review import submit_review
from annotations.models import Annotation, Approval, Prediction, Review, Route
from tests import factories
from tests.factories import present

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def judged() -> None:
    """One prediction that was routed, reviewed, settled and approved."""
    cells = factories.project()
    entry = factories.queued(cells)
    rita = factories.reviewer(cells)
    claim_next(project=cells, reviewer=rita, now=present())
    submit_review(
        project=cells,
        entry_uid=entry.uid,
        reviewer=rita,
        verdict="confirm",
        token=uuid4(),
        seconds=1,
        now=present(),
    )
    approve_due(now=present())


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
    ],
)
def test_a_row_that_tells_what_happened_stays_as_it_is(judged, model, change) -> None:
    before = model.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
    assert model.objects.values().get() == before


def test_a_review_can_be_taken_back_and_nothing_else_about_it(judged) -> None:
    assert Review.objects.update(effective=False) == 1
