from __future__ import annotations

import json

import pytest

from annotations.domain.routing import (
    AuditBudget,
    Facts,
    Learning,
    NamedRule,
    Novelty,
    Override,
    ReviewEffort,
    Rules,
    When,
    route,
)
from annotations.errors import PolicyInvalid

WHEN = {"labels": ["crack"], "slices": {"line": ["3"]}}
FULL = {
    "low_confidence": 0.8,
    "small_margin": 0.1,
    "high_entropy": 0.6,
    "disagreement": True,
    "divergence": 0.3,
    "unmatched_boxes": 2,
    "box_iou": 0.4,
    "dissent": 0.4,
    "client_flag": False,
    "rules": [{"name": "line 3 after maintenance", "when": WHEN}],
    "audit_budget": {
        "per_day": 200,
        "expected_per_day": 5000,
        "floor": 0.3,
        "prior_miss_rate": 0.05,
    },
    "overrides": [{"when": WHEN, "set": {"low_confidence": 0.95, "dissent": None}}],
    "daily_cap": 500,
    "review": {"seconds": 20, "hourly_cost": 36.5},
    "learning": {"budget_per_day": 150},
    "novelty": {"p_value": 0.02, "per_day": None},
}


def faults(document):
    with pytest.raises(PolicyInvalid) as caught:
        Rules.from_json(document)
    return [problem["field"] for problem in caught.value.data["errors"]]


def test_a_document_of_the_first_policies_reads_and_writes_as_it_did():
    document = {"low_confidence": 0.75, "disagreement": True, "audit_rate": 0.35}
    rules = Rules.from_json(document)
    assert rules == Rules(low_confidence=0.75, disagreement=True, audit_rate=0.35)
    assert rules.as_json() == document
    assert Rules().as_json() == {
        "low_confidence": None,
        "disagreement": False,
        "audit_rate": 0.05,
    }


def test_a_full_document_comes_back_the_same_through_a_database():
    rules = Rules.from_json(json.loads(json.dumps(FULL)))
    assert rules.as_json() == FULL
    assert rules.audit_budget == AuditBudget(200, 5000, floor=0.3, prior_miss_rate=0.05)
    assert rules.review == ReviewEffort(seconds=20, hourly_cost=36.5)
    assert (rules.learning, rules.novelty) == (Learning(150), Novelty(0.02, None))
    assert Rules.from_json(json.loads(json.dumps(rules.as_json()))) == rules


def test_what_a_new_project_starts_with_is_a_valid_document():
    rules = Rules.default()
    assert Rules.from_json(rules.as_json()) == rules
    assert rules.audit_budget.per_day == rules.learning.budget_per_day


def test_nothing_said_of_a_part_means_its_defaults():
    rules = Rules.from_json({"audit_budget": {"per_day": 9, "expected_per_day": 99}, "review": {}})
    assert rules.audit_budget == AuditBudget(9, 99)
    assert rules.review == ReviewEffort()


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("audit everything", "rules"),
        ({}, "audit_rate"),
        ({"audit_rate": None}, "audit_rate"),
        ({"audit_rate": 0}, "audit_rate"),
        ({"audit_rate": 1.01}, "audit_rate"),
        ({"audit_rate": float("nan")}, "audit_rate"),
        ({"audit_rate": True}, "audit_rate"),
        ({"audit_rate": "0.1"}, "audit_rate"),
        ({"audit_rate": 0.1, "audit_budget": FULL["audit_budget"]}, "audit_budget"),
        ({"audit_budget": 5}, "audit_budget"),
        ({"audit_budget": {"per_day": 5}}, "audit_budget.expected_per_day"),
        ({"audit_budget": {"per_day": 0, "expected_per_day": 1}}, "audit_budget.per_day"),
        ({"audit_budget": {"per_day": 1.5, "expected_per_day": 9}}, "audit_budget.per_day"),
        (
            {"audit_budget": {"per_day": 1, "expected_per_day": 9, "floor": 0}},
            "audit_budget.floor",
        ),
    ],
)
def test_audits_without_odds_are_refused(document, field):
    assert faults(document) == [field]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ({"low_confidence": 0}, "low_confidence"),
        ({"low_confidence": 2}, "low_confidence"),
        ({"low_confidence": False}, "low_confidence"),
        ({"small_margin": 0}, "small_margin"),
        ({"high_entropy": -0.1}, "high_entropy"),
        ({"disagreement": 1}, "disagreement"),
        ({"divergence": float("inf")}, "divergence"),
        ({"unmatched_boxes": 0}, "unmatched_boxes"),
        ({"unmatched_boxes": 1.0}, "unmatched_boxes"),
        ({"box_iou": None}, "box_iou"),
        ({"dissent": "half"}, "dissent"),
        ({"client_flag": None}, "client_flag"),
        ({"novelty": 0.5}, "novelty"),
        ({"novelty": {}}, "novelty.p_value"),
        ({"novelty": {"p_value": 0.1, "per_day": 0}}, "novelty.per_day"),
        ({"learning": {}}, "learning.budget_per_day"),
        ({"review": None}, "review"),
        ({"review": {"seconds": 0}}, "review.seconds"),
        ({"review": {"wage": 3}}, "review.wage"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"astrology": True}, "astrology"),
        ({"rules": "all"}, "rules"),
        ({"rules": [7]}, "rules[0]"),
        ({"rules": [{"when": WHEN}]}, "rules[0].name"),
        ({"rules": [{"name": "", "when": WHEN}]}, "rules[0].name"),
        ({"rules": [{"name": "x"}]}, "rules[0].when"),
        ({"rules": [{"name": "x", "when": {}}]}, "rules[0].when"),
        ({"rules": [{"name": "x", "when": {"labels": []}}]}, "rules[0].when.labels"),
        ({"rules": [{"name": "x", "when": {"labels": "crack"}}]}, "rules[0].when.labels"),
        ({"rules": [{"name": "x", "when": {"labels": [4]}}]}, "rules[0].when.labels[0]"),
        ({"rules": [{"name": "x", "when": {"slices": {}}}]}, "rules[0].when.slices"),
        (
            {"rules": [{"name": "x", "when": {"slices": {"line": "3"}}}]},
            "rules[0].when.slices.line",
        ),
        (
            {"rules": [{"name": "x", "when": {"slices": {"line": [None]}}}]},
            "rules[0].when.slices.line[0]",
        ),
        ({"rules": [{"name": "x", "when": {"metadata": {}}}]}, "rules[0].when.metadata"),
        (
            {"rules": [{"name": "x", "when": {"metadata": {"shift": [{}]}}}]},
            "rules[0].when.metadata.shift[0]",
        ),
        ({"due_minutes": {"audit": 60}}, "due_minutes.audit"),
        ({"due_minutes": {"any": 0}}, "due_minutes.any"),
        ({"rules": [{"name": "x", "when": WHEN, "due_minutes": 1.5}]}, "rules[0].due_minutes"),
        ({"rules": [{"name": "x", "when": WHEN}] * 2}, "rules"),
        ({"rules": [{"name": str(n), "when": WHEN} for n in range(101)]}, "rules"),
        ({"overrides": [{"when": WHEN, "set": {}}]}, "overrides[0].set"),
        ({"overrides": [{"when": WHEN, "set": {"daily_cap": 4}}]}, "overrides[0].set.daily_cap"),
        (
            {"overrides": [{"when": WHEN, "set": {"audit_rate": None}}]},
            "overrides[0].set.audit_rate",
        ),
        ({"overrides": [{"set": {"dissent": 0.5}}]}, "overrides[0].when"),
    ],
)
def test_a_wrong_document_is_refused_by_field(part, field):
    assert faults({"audit_rate": 0.1} | part) == [field]


def test_every_fault_is_named_at_once():
    assert set(faults({"low_confidence": 7, "dissent": -1, "astrology": 1})) == {
        "low_confidence",
        "dissent",
        "astrology",
        "audit_rate",
    }


def test_audits_by_class_cannot_be_mixed_with_a_budget():
    document = {
        "audit_budget": {"per_day": 1, "expected_per_day": 9},
        "overrides": [{"when": WHEN, "set": {"audit_rate": 0.5}}],
    }
    assert faults(document) == ["overrides"]


def test_rules_that_nobody_could_follow_cannot_be_made():
    with pytest.raises(PolicyInvalid):
        Rules(audit_rate=0.0)
    with pytest.raises(PolicyInvalid):
        Rules(audit_rate=0.1, audit_budget=AuditBudget(1, 9))
    with pytest.raises(PolicyInvalid):
        Rules(rules=(NamedRule("all", When()),))


def below(rules, **facts):
    known = {"predicted": "good", "confidence": 0.5} | facts
    decision = route(facts=Facts(**known), rules=rules, draw=0.99)
    return {reason.name: reason.detail for reason in decision.reasons}, decision


def test_the_first_override_that_matches_wins_each_parameter_by_itself():
    line_3, crack = When(slices={"line": ("3",)}), When(labels=("crack",))
    rules = Rules(
        low_confidence=0.6,
        audit_rate=0.1,
        overrides=(
            Override(line_3, {"low_confidence": 0.9}),
            Override(crack, {"low_confidence": 0.7, "small_margin": 0.3, "audit_rate": 0.5}),
            Override(line_3, {"small_margin": None}),
        ),
    )

    def limits(**facts):
        fired, decision = below(rules, margin=0.0, **facts)
        return (
            fired["low_confidence"]["below"],
            fired.get("small_margin", {}).get("below"),
            decision.inclusion_probability,
        )

    assert limits() == (0.6, None, 0.1)
    assert limits(slices={"line": 3}) == (0.9, None, 0.1)
    assert limits(predicted="crack") == (0.7, 0.3, 0.5)
    assert limits(predicted="crack", slices={"line": "3"}) == (0.9, 0.3, 0.5)
    assert limits(claimed=("crack", "dust")) == (0.7, 0.3, 0.5)


def test_a_rule_can_be_switched_off_where_it_only_disturbs():
    rules = Rules(
        low_confidence=0.6,
        disagreement=True,
        overrides=(Override(When(labels=("good",)), {"low_confidence": None}),),
    )
    assert below(rules)[0] == {}
    assert "low_confidence" in below(rules, predicted="crack")[0]


def test_a_slice_of_a_million_values_is_not_remembered_for_ever():
    rules = Rules(overrides=(Override(When(slices={"serial": ("7",)}), {"low_confidence": 1.0}),))
    for number in range(5000):
        fired, _ = below(rules, slices={"serial": number})
        assert bool(fired) == (number == 7)
    assert len(rules._kept) <= 4096
