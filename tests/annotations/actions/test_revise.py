"""Numbered versions: what is in force changes, what was in force stays as it was."""

from __future__ import annotations

import pytest

from annotations.actions.revise_review_policy import revise_review_policy
from annotations.actions.revise_routing_policy import revise_routing_policy
from annotations.actions.revise_taxonomy import revise_taxonomy
from annotations.domain.labels import LabelSpec, TaxonomySpec
from annotations.domain.reviewing import ReviewSpec
from annotations.domain.routing import Rules
from annotations.errors import PolicyInvalid, TaxonomyInvalid
from annotations.models import Route
from reviewhub.common.models import AuditEntry
from tests import factories
from tests.factories import LABELS, TESTER, present
from tests.races import at_once

pytestmark = pytest.mark.django_db
THREE = TaxonomySpec(
    [LABELS[0], LabelSpec("crack", "Crack", is_positive=True), LabelSpec("shade", "Shade")],
    "Cracks are dark lines.",
    mapping={"defect": "crack"},
)


def revise_labels(project, spec=THREE):
    return revise_taxonomy(project=project, spec=spec, actor=TESTER, now=present())


def test_a_new_taxonomy_is_the_next_number_and_the_old_one_stays() -> None:
    cells = factories.project()
    before = factories.prediction(cells)
    taxonomy = revise_labels(cells)
    assert taxonomy.number == 2
    assert [label.key for label in taxonomy.labels.all()] == ["good", "crack", "shade"]
    assert before.predictor.taxonomy.number == 1
    assert cells.taxonomies.get(number=1).labels.count() == 2


def test_a_mapping_leads_from_known_keys_to_known_keys() -> None:
    cells = factories.project()
    for mapping in ({"dent": "crack"}, {"defect": "dent"}):
        with pytest.raises(TaxonomyInvalid):
            revise_labels(cells, TaxonomySpec(THREE.labels, mapping=mapping))
    assert cells.taxonomies.count() == 1


def test_new_rules_hold_for_what_comes_later() -> None:
    cells = factories.project(rules=factories.NOTHING_QUEUED)
    first = factories.prediction(cells)
    revise_routing_policy(
        project=cells, rules=factories.EVERYTHING_QUEUED, actor=TESTER, now=present()
    )
    second = factories.prediction(cells)
    routes = {route.prediction_id: route for route in Route.objects.select_related("policy")}
    assert (routes[first.pk].outcome, routes[first.pk].policy.number) == ("accepted", 1)
    assert (routes[second.pk].outcome, routes[second.pk].policy.number) == ("queued", 2)


def test_the_audit_trail_says_what_a_policy_was_and_is() -> None:
    cells = factories.project()
    revise_review_policy(
        project=cells, review=ReviewSpec(answers_wanted=3), actor=TESTER, now=present()
    )
    told = AuditEntry.objects.filter(action="review_policy.revise").order_by("id").last()
    assert (told.before["answers_wanted"], told.after["answers_wanted"]) == (1, 3)


@pytest.mark.parametrize(
    "review",
    [
        ReviewSpec(answers_wanted=0),
        ReviewSpec(agreement_needed=2),
        ReviewSpec(approval="perhaps"),
        ReviewSpec(lease_seconds=9),
        ReviewSpec(blind_share=1.1),
        ReviewSpec(skips_allowed=-1),
        ReviewSpec(grace_seconds=-1),
        ReviewSpec(grid_labels=("scratch",)),
        ReviewSpec(grid_size=13),
        ReviewSpec(grid_precision=1.0),
        ReviewSpec(grid_seconds=-1),
        ReviewSpec(grid_gold_share=0.6),
    ],
)
def test_a_review_policy_that_cannot_work_is_refused(review: ReviewSpec) -> None:
    cells = factories.project()
    with pytest.raises(PolicyInvalid):
        revise_review_policy(project=cells, review=review, actor=TESTER, now=present())
    assert cells.review_policies.count() == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_two_who_revise_at_once_get_two_numbers() -> None:
    cells = factories.project()

    def revise(rate: float):
        return revise_routing_policy(
            project=cells, rules=Rules(audit_rate=rate), actor=TESTER, now=present()
        )

    policies = at_once(lambda: revise(0.1), lambda: revise(0.2), lambda: revise(0.3))
    assert sorted(policy.number for policy in policies) == [2, 3, 4]
