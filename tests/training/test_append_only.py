"""Under which policies a run learned and a gate decided is never changed, whoever asks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from tests import factories
from tests.factories import present
from training.actions.ensure_policies import ensure_policies
from training.models import GatePolicy, TrainingPolicy

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (TrainingPolicy, {"automatic": False}),
        (TrainingPolicy, {"approvals_needed": 9}),
        (GatePolicy, {"margins": {}}),
        (GatePolicy, {"automatic_promotion": True}),
    ],
)
def test_a_numbered_policy_stays_as_it_is(model, change) -> None:
    ensure_policies(project_id=factories.project().pk, now=present())
    before = model.objects.values().get()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
    assert model.objects.values().get() == before
