from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.routing import (
    LEAST_AUDIT_RATE,
    AuditBudget,
    AuditPlan,
    Costs,
    Facts,
    NamedRule,
    Opinion,
    Override,
    Rules,
    When,
    route,
)

UNIFORM = st.floats(0, 1, exclude_max=True)
SHARE = st.floats(0, 1, exclude_min=True)
LABEL = st.sampled_from(["good", "crack", "scratch"])
LINE = st.sampled_from(["1", "2", 3, None])
WHEN = st.builds(
    When,
    labels=st.lists(LABEL, min_size=1, unique=True).map(tuple),
    slices=st.dictionaries(st.just("line"), st.tuples(st.sampled_from(["1", 3]))),
    metadata=st.dictionaries(st.just("line"), st.tuples(st.sampled_from(["1", 3]))),
)
AUDITS = st.one_of(
    st.fixed_dictionaries({"audit_rate": st.floats(LEAST_AUDIT_RATE, 1)}),
    st.fixed_dictionaries({"audit_budget": st.builds(AuditBudget, st.integers(1, 99), st.just(9))}),
)
RULES = st.builds(
    lambda audits, **values: Rules(**audits, **values),
    audits=AUDITS,
    low_confidence=st.none() | SHARE,
    small_margin=st.none() | SHARE,
    high_entropy=st.none() | UNIFORM,
    disagreement=st.booleans(),
    divergence=st.none() | SHARE,
    unmatched_boxes=st.none() | st.integers(1, 3),
    dissent=st.none() | SHARE,
    client_flag=st.booleans(),
    rules=st.lists(WHEN, max_size=2).map(
        lambda whens: tuple(NamedRule(f"rule {n}", when) for n, when in enumerate(whens))
    ),
    overrides=st.lists(
        st.builds(Override, WHEN, st.fixed_dictionaries({"low_confidence": st.none() | SHARE})),
        max_size=3,
    ).map(tuple),
)
OPINION = st.builds(
    Opinion,
    predictor=st.sampled_from(["a 1", "b 2"]),
    predicted=LABEL,
    labels=st.booleans(),
    divergence=st.none() | st.floats(0, 1),
    unmatched=st.integers(0, 4),
)
FACTS = st.builds(
    Facts,
    predicted=LABEL,
    confidence=SHARE,
    margin=st.none() | st.floats(0, 1),
    entropy=st.none() | st.floats(0, 1),
    positive=st.none() | st.floats(0, 1),
    predicted_positive=st.booleans(),
    dissent=st.none() | st.floats(0, 1),
    differences=st.lists(OPINION, max_size=3).map(tuple),
    flag=st.sampled_from(["", "please look"]),
    slices=st.fixed_dictionaries({"line": LINE}),
    metadata=st.fixed_dictionaries({"line": LINE}),
    gone=st.just(()) | st.just(("dust",)),
)
PLAN = st.none() | st.builds(AuditPlan, scale=st.floats(0, 100), floor=st.floats(1e-9, 1))


def decide(rules, *, draw=0.99, audit=None, **facts):
    known = {"predicted": "good", "confidence": 0.9} | facts
    return route(facts=Facts(**known), rules=rules, draw=draw, audit=audit)


def names(decision):
    return [reason.name for reason in decision.reasons]


def test_a_sure_prediction_that_nobody_doubts_is_accepted():
    rules = Rules(low_confidence=0.8, disagreement=True, audit_rate=0.1)
    same = Opinion("other 1", "good", labels=False)
    decision = decide(rules, draw=0.1, differences=(same,))
    assert decision.outcome == "accepted"
    assert decision.reasons == ()
    assert (decision.inclusion_probability, decision.audited) == (0.1, False)


def test_every_reason_that_fires_is_named_with_its_figures():
    rules = Rules(low_confidence=0.8, disagreement=True, audit_rate=0.1)
    other = Opinion("other 1", "crack", labels=True)
    decision = decide(rules, confidence=0.7, differences=(other,), draw=0.05)
    assert [reason.as_json() for reason in decision.reasons] == [
        {"name": "low_confidence", "detail": {"confidence": 0.7, "below": 0.8}},
        {
            "name": "disagreement",
            "detail": {"predicted": "good", "others": ["crack"], "predictors": ["other 1"]},
        },
        {"name": "audit", "detail": {"probability": 0.1}},
    ]


def test_all_reasons_can_fire_together():
    rules = Rules(
        low_confidence=1.0,
        small_margin=1.0,
        high_entropy=0.0,
        disagreement=True,
        dissent=0.1,
        rules=(NamedRule("all good ones", When(labels=("good",))),),
        audit_rate=1.0,
    )
    decision = decide(
        rules,
        margin=0.5,
        entropy=0.5,
        dissent=0.5,
        differences=(Opinion("other 1", "crack", labels=True),),
        flag="smeared",
        gone=("dust",),
    )
    assert names(decision) == [
        "low_confidence",
        "small_margin",
        "high_entropy",
        "disagreement",
        "dissent",
        "client_flag",
        "taxonomy_changed",
        "rule",
        "audit",
    ]


def test_a_rule_that_is_off_never_fires():
    quiet = Rules(audit_rate=0.1, client_flag=False)
    other = Opinion("other 1", "crack", labels=True, divergence=1.0, unmatched=9)
    doubtful = {"confidence": 0.01, "margin": 0.0, "entropy": 1.0, "dissent": 1.0, "flag": "look"}
    assert decide(quiet, differences=(other,), **doubtful).outcome == "accepted"


def test_a_label_that_is_gone_queues_under_any_rules():
    decision = decide(Rules(audit_rate=0.1), gone=("dust",))
    assert names(decision) == ["taxonomy_changed"]


@given(facts=FACTS, rules=RULES, draw=UNIFORM, plan=PLAN)
def test_the_probability_is_never_zero_and_drawn_means_audited(facts, rules, draw, plan):
    decision = route(facts=facts, rules=rules, draw=draw, audit=plan)
    assert LEAST_AUDIT_RATE <= decision.inclusion_probability <= 1
    assert decision.audited == (draw < decision.inclusion_probability)
    assert decision.audited == ("audit" in names(decision))
    assert (decision.outcome == "queued") == bool(decision.reasons)
    assert decision.expected_cost >= 0


@given(facts=FACTS, other=FACTS, rules=RULES, draw=UNIFORM, plan=PLAN)
def test_no_other_reason_makes_an_audit_more_or_less_likely(facts, other, rules, draw, plan):
    """Whatever else fires: the class and its chance of being a finding alone decide."""
    alike = other._replace(
        predicted=facts.predicted,
        slices=facts.slices,
        metadata=facts.metadata,
        confidence=facts.confidence,
        positive=facts.positive,
        predicted_positive=facts.predicted_positive,
    )
    one, two = (route(facts=f, rules=rules, draw=draw, audit=plan) for f in (facts, alike))
    assert one.audited == two.audited
    assert one.inclusion_probability == two.inclusion_probability


@given(facts=FACTS, rules=RULES, draw=UNIFORM, plan=PLAN)
def test_sending_again_decides_the_same(facts, rules, draw, plan):
    first = route(facts=facts, rules=rules, draw=draw, audit=plan)
    again = Rules.from_json(rules.as_json())
    assert again == rules
    assert route(facts=facts, rules=again, draw=draw, audit=plan) == first


@given(facts=FACTS, rules=RULES, draw=UNIFORM)
def test_the_order_of_other_predictors_does_not_matter(facts, rules, draw):
    turned = facts._replace(differences=facts.differences[::-1])
    one, two = (route(facts=f, rules=rules, draw=draw) for f in (facts, turned))
    assert one == two


@pytest.mark.parametrize("draw", [-0.1, 1.0, float("nan")])
def test_a_draw_outside_its_interval_is_a_mistake(draw):
    with pytest.raises(ValueError, match="draw"):
        decide(Rules(), draw=draw)


def test_a_plan_is_heeded_by_rules_with_a_budget_only():
    plan = AuditPlan(scale=0.0, floor=0.5)
    fixed, budget = Rules(audit_rate=0.1), Rules(audit_budget=AuditBudget(10, 1000))
    assert decide(fixed, audit=plan).inclusion_probability == 0.1
    assert decide(budget, audit=plan).inclusion_probability == 0.5
    assert decide(budget).inclusion_probability == 0.01


def label(key, *, positive=False, miss=1.0, false_alarm=1.0):
    from annotations.domain.labels import LabelSpec

    return LabelSpec(
        key, key, is_positive=positive, cost_of_miss=miss, cost_of_false_alarm=false_alarm
    )


@pytest.mark.parametrize(
    ("facts", "cost"),
    [
        # a finding in vain costs its own false alarm
        (Facts("crack", 0.6, positive=0.7, predicted_positive=True), 0.4 * 3),
        # an overlooked one costs the dearest miss, another mistake what was answered
        (Facts("good", 0.6, positive=0.3), 0.3 * 50 + 0.1 * 2),
        (Facts("", 1.0, positive=0.0), 0.0),
        (Facts("unknown", 0.5, positive=None), 0.0),
        (Facts("good", 0.5, positive=None), 0.5 * 2),
    ],
)
def test_the_expected_cost_is_what_the_error_to_be_feared_would_cost(facts, cost):
    costs = Costs.of(
        [
            label("good", false_alarm=2),
            label("crack", positive=True, miss=50, false_alarm=3),
            label("scratch", positive=True, miss=5),
        ]
    )
    decision = route(facts=facts, rules=Rules(), draw=0.5, costs=costs)
    assert decision.expected_cost == pytest.approx(cost)


def test_without_prices_every_mistake_costs_one():
    assert decide(Rules(), confidence=0.7).expected_cost == pytest.approx(0.3)
