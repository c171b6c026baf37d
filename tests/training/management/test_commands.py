"""What an operator types about learning: new numbers of the policies, and nothing else changed."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reviewhub.common.models import AuditEntry
from tests import factories
from training.models import GatePolicy, TrainingPolicy

pytestmark = pytest.mark.django_db


def manage(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue().strip()


def test_a_training_policy_gets_a_number_and_keeps_what_was_not_said() -> None:
    slug = factories.project().slug
    assert manage("revise_training_policy", slug, "--no-automatic", "--approvals", "190") == "2"
    assert manage("revise_training_policy", slug, "--automatic", "--cooldown", "0") == "3"
    policy = TrainingPolicy.objects.get(number=3)
    assert (policy.automatic, policy.approvals_needed, policy.cooldown_seconds) == (True, 190, 0)
    assert AuditEntry.objects.filter(action="training_policy.revise").count() == 2


def test_a_gate_policy_gets_a_number_and_keeps_what_was_not_said() -> None:
    slug = factories.project().slug
    manage("revise_gate_policy", slug, "--automatic-promotion", "--margin", "overall=0.05")
    assert manage("revise_gate_policy", slug, "--margin", "min_target=30") == "3"
    policy = GatePolicy.objects.get(number=3)
    assert policy.automatic_promotion
    assert (policy.margins["overall"], policy.margins["min_target"]) == (0.05, 30)


@pytest.mark.parametrize(
    ("margin", "told"),
    [("overall=2", "overall"), ("luck=1", "luck"), ("overall=much", "NAME=NUMBER")],
)
def test_a_wrong_margin_is_named_and_changes_nothing(margin, told) -> None:
    slug = factories.project().slug
    with pytest.raises(CommandError, match=told):
        manage("revise_gate_policy", slug, "--margin", margin)
    assert not GatePolicy.objects.filter(number=2).exists()


def test_an_unknown_project_is_told() -> None:
    with pytest.raises(CommandError, match="no project nowhere"):
        manage("revise_training_policy", "nowhere", "--automatic")
