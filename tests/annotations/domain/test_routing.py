from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotations.domain.routing import (
    LEAST_AUDIT_RATE,
    Rules,
    audit,
    disagreement,
    low_confidence,
    route,
)
from annotations.errors import PolicyInvalid

UNIFORM = st.floats(0, 1, exclude_max=True)
RULES = st.builds(
    Rules,
    low_confidence=st.none() | st.floats(0, 1, exclude_min=True),
    disagreement=st.booleans(),
    audit_rate=st.floats(LEAST_AUDIT_RATE, 1),
)
LABEL = st.sampled_from(["good", "crack", "scratch"])
CASE = st.fixed_dictionaries(
    {
        "confidence": st.floats(0, 1, exclude_min=True),
        "predicted": LABEL,
        "others": st.lists(LABEL, max_size=3),
    }
)


def names(decision):
    return [reason.name for reason in decision.reasons]


def test_a_sure_prediction_that_nobody_doubts_is_accepted():
    rules = Rules(low_confidence=0.8, disagreement=True, audit_rate=0.1)
    decision = route(confidence=0.9, predicted="good", others=["good"], rules=rules, draw=0.1)
    assert decision.outcome == "accepted"
    assert decision.reasons == ()
    assert (decision.inclusion_probability, decision.audited) == (0.1, False)


def test_every_reason_that_fires_is_named_with_its_figures():
    rules = Rules(low_confidence=0.8, disagreement=True, audit_rate=0.1)
    decision = route(
        confidence=0.7, predicted="good", others=["good", "crack"], rules=rules, draw=0.05
    )
    assert [reason.as_json() for reason in decision.reasons] == [
        {"name": "low_confidence", "detail": {"confidence": 0.7, "below": 0.8}},
        {"name": "disagreement", "detail": {"predicted": "good", "others": ["crack"]}},
        {"name": "audit", "detail": {"rate": 0.1}},
    ]


def test_each_reason_knows_its_border():
    assert low_confidence(0.8, below=0.8) is None
    assert low_confidence(0.7999, below=0.8)
    assert low_confidence(0.0, below=None) is None
    assert disagreement("good", []) is None
    assert disagreement("good", ["good", "good"]) is None
    assert audit(0.1, rate=0.1) is None
    assert audit(0.0, rate=LEAST_AUDIT_RATE)


def test_a_rule_that_is_off_never_fires():
    rules = Rules(audit_rate=0.1)
    decision = route(confidence=0.01, predicted="good", others=["crack"], rules=rules, draw=0.5)
    assert decision.outcome == "accepted"


@given(case=CASE, rules=RULES, draw=UNIFORM)
def test_the_probability_is_never_zero_and_drawn_means_audited(case, rules, draw):
    decision = route(**case, rules=rules, draw=draw)
    assert 0 < decision.inclusion_probability <= 1
    assert decision.audited == (draw < decision.inclusion_probability)
    assert decision.audited == ("audit" in names(decision))
    assert (decision.outcome == "queued") == bool(decision.reasons)


@given(case=CASE, other=CASE, rules=RULES, draw=UNIFORM)
def test_nothing_but_chance_decides_about_an_audit(case, other, rules, draw):
    one, two = (route(**each, rules=rules, draw=draw) for each in (case, other))
    assert one.audited == two.audited
    assert one.inclusion_probability == two.inclusion_probability


@given(case=CASE, rules=RULES, draw=UNIFORM)
def test_sending_again_decides_the_same(case, rules, draw):
    first = route(**case, rules=rules, draw=draw)
    assert route(**case, rules=Rules.from_json(rules.as_json()), draw=draw) == first


@given(CASE, RULES, UNIFORM, st.permutations(["good", "crack", "scratch"]))
def test_the_order_of_other_predictors_does_not_matter(case, rules, draw, others):
    assume(case["others"])
    one = route(**{**case, "others": others}, rules=rules, draw=draw)
    two = route(**{**case, "others": others[::-1]}, rules=rules, draw=draw)
    assert one == two


@pytest.mark.parametrize("draw", [-0.1, 1.0, float("nan")])
def test_a_draw_outside_its_interval_is_a_mistake(draw):
    with pytest.raises(ValueError, match="draw"):
        route(confidence=0.9, predicted="good", others=[], rules=Rules(), draw=draw)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("audit everything", "rules"),
        ({}, "audit_rate"),
        ({"audit_rate": 0}, "audit_rate"),
        ({"audit_rate": 1.01}, "audit_rate"),
        ({"audit_rate": float("nan")}, "audit_rate"),
        ({"audit_rate": True}, "audit_rate"),
        ({"audit_rate": "0.1"}, "audit_rate"),
        ({"audit_rate": 0.1, "low_confidence": 0}, "low_confidence"),
        ({"audit_rate": 0.1, "low_confidence": 2}, "low_confidence"),
        ({"audit_rate": 0.1, "low_confidence": False}, "low_confidence"),
        ({"audit_rate": 0.1, "disagreement": 1}, "disagreement"),
        ({"audit_rate": 0.1, "novelty": 0.5}, "novelty"),
    ],
)
def test_a_wrong_document_is_refused_by_field(document, field):
    with pytest.raises(PolicyInvalid) as caught:
        Rules.from_json(document)
    assert [problem["field"] for problem in caught.value.data["errors"]] == [field]


def test_rules_that_nobody_could_follow_cannot_be_made():
    with pytest.raises(PolicyInvalid):
        Rules(audit_rate=0.0)
