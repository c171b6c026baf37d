from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from annotations.domain.routing import Rules
from annotations.queries.policies import review_in_force
from tests.factories import api_key, lead, present, project, reviewer, stranger
from tests.pages import page
from training.actions.ensure_policies import ensure_policies
from training.domain.gate import GateMargins
from training.queries.policies import gate_policy_of, training_policy_of

pytestmark = pytest.mark.django_db

REVIEW = {
    "answers_wanted": "2",
    "agreement_needed": "2",
    "skips_allowed": "1",
    "approval": "lead",
    "grace_seconds": "60",
    "lease_seconds": "300",
    "blind_share": "0.25",
    "grid_labels": "good",
    "grid_size": "24",
    "grid_precision": "0.97",
    "grid_seconds": "8",
    "grid_gold_share": "0.2",
}
TRAINING = {"automatic": "on", "approvals_needed": "120", "cooldown_seconds": "600"}
GATE = {
    "overall": "0.05",
    "alpha": "0.1",
    "cost": "0.02",
    "target_share": "0.8",
    "max_miss_rate": "",
    "min_source": "50",
    "min_target": "30",
}


@pytest.fixture
def cells():
    return project()


@pytest.fixture
def desk(client, cells):
    client.force_login(lead(cells))
    return client


def url(of, policy):
    return reverse("training:revise_policy", args=[of.slug, policy])


def test_settings_show_what_is_in_force_and_who_may_enter(desk, cells):
    api_key(cells, "predict", name="line camera")
    ensure_policies(project_id=cells.pk, now=present())
    text = page(desk, "training:settings", cells)
    for part in ("Number 1: below 1 is queued", "line camera", "Team lead", "Good", "Gate policy"):
        assert part in text
    assert reverse("annotations:deliveries", args=[cells.slug]) in text
    assert reverse("annotations:routing", args=[cells.slug]) in text


def test_audits_to_a_budget_are_told_as_a_number(client):
    cells = project(rules=Rules.default())
    client.force_login(lead(cells))
    assert "about 100 predictions a day are drawn for audit" in page(
        client, "training:settings", cells
    )


def test_each_policy_is_put_in_force_under_a_new_number(desk, cells):
    ensure_policies(project_id=cells.pk, now=present())
    sent = {"review": REVIEW, "training": TRAINING, "gate": GATE}
    for policy, values in sent.items():
        response = desk.post(url(cells, policy), values, follow=True)
        assert f"{policy.capitalize()} policy 2 is in force." in response.content.decode()

    assert review_in_force(cells)[1].blind_share == 0.25
    assert training_policy_of(cells.pk).approvals_needed == 120
    margins = GateMargins.from_json(gate_policy_of(cells.pk).margins)
    assert (margins.overall, margins.cost, margins.target_share) == (0.05, 0.02, 0.8)
    assert margins.max_miss_rate is None
    assert not gate_policy_of(cells.pk).automatic_promotion


@pytest.mark.parametrize(
    ("policy", "values"),
    [
        ("review", {**REVIEW, "agreement_needed": "3"}),
        ("review", {**REVIEW, "approval": "nobody"}),
        ("training", {**TRAINING, "approvals_needed": "0"}),
        ("gate", {**GATE, "alpha": "2"}),
    ],
)
def test_a_policy_that_cannot_be_comes_back_with_its_fault(desk, cells, policy, values):
    response = desk.post(url(cells, policy), values)

    assert response.status_code == 422
    text = response.content.decode()
    assert 'aria-invalid="true"' in text or 'role="alert"' in text
    assert review_in_force(cells)[0] == 1


@pytest.mark.parametrize("policy", ["bonus", "routing"])
def test_there_is_no_other_policy(desk, cells, policy):
    """Routing has a page of its own."""
    assert desk.post(url(cells, policy), {}).status_code == 404


def test_labels_for_the_grid_are_named_by_key_and_an_unknown_one_is_told_at_its_field(desk, cells):
    assert "No label is judged many at once." in page(desk, "training:settings", cells)
    desk.post(url(cells, "review"), {**REVIEW, "grid_labels": " good, good ,"})
    spec = review_in_force(cells)[1]
    assert (spec.grid_labels, spec.grid_size, spec.grid_precision) == (("good",), 24, 0.97)
    assert "where the model says good and is right in 97.0%" in page(
        desk, "training:settings", cells
    )
    refused = desk.post(url(cells, "review"), {**REVIEW, "grid_labels": "good, scratch"})
    assert refused.status_code == 422
    assert "no label of the taxonomy: scratch" in refused.content.decode()
    assert review_in_force(cells)[0] == 2


def test_reviewers_strangers_and_forged_forms_are_refused(cells):
    for person, status in ((reviewer(cells), 403), (stranger(), 404)):
        outside = Client()
        outside.force_login(person)
        assert outside.post(url(cells, "review"), REVIEW).status_code == status
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(lead(cells))
    assert forged.post(url(cells, "review"), REVIEW).status_code == 403
    assert review_in_force(cells)[0] == 1
