from __future__ import annotations

import pytest

from annotations.domain.routing import (
    LEAST_AUDIT_RATE,
    Doubts,
    Facts,
    NamedRule,
    Opinion,
    When,
    audit,
    client_flag,
    disagreement,
    dissent,
    high_entropy,
    informative,
    low_confidence,
    novelty,
    rule,
    small_margin,
    taxonomy_changed,
)


def facts(**values):
    return Facts(**({"predicted": "good", "confidence": 0.8} | values))


def opinion(predicted="crack", **values):
    return Opinion(**({"predictor": "other 1", "predicted": predicted, "labels": True} | values))


def test_each_reason_knows_its_border():
    assert low_confidence(facts(), 0.8) is None
    assert low_confidence(facts(), 0.8001)
    assert small_margin(facts(margin=0.2), 0.2) is None
    assert small_margin(facts(margin=0.1999), 0.2)
    assert high_entropy(facts(entropy=0.5), 0.5) is None
    assert high_entropy(facts(entropy=0.5001), 0.5)
    assert dissent(facts(dissent=0.3999), 0.4) is None
    assert dissent(facts(dissent=0.4), 0.4)
    assert audit(0.1, 0.1) is None
    assert audit(0.0, LEAST_AUDIT_RATE)


def test_what_a_kind_does_not_know_fires_nothing():
    unknown = facts()
    assert small_margin(unknown, 1.0) is None
    assert high_entropy(unknown, 0.0) is None
    assert dissent(unknown, 0.1) is None
    assert client_flag(unknown, True) is None
    assert taxonomy_changed(unknown) is None
    assert disagreement(unknown, Doubts(True, 0.1, 1)) is None


@pytest.mark.parametrize(
    ("doubts", "said", "fires"),
    [
        (Doubts(True, None, None), opinion(), True),
        (Doubts(True, None, None), opinion("good", labels=False, divergence=1.0), False),
        (Doubts(False, 0.3, None), opinion("good", labels=False, divergence=0.3), True),
        (Doubts(False, 0.3, None), opinion("good", labels=False, divergence=0.29), False),
        (Doubts(False, 0.3, None), opinion(divergence=None), False),
        (Doubts(False, None, 2), opinion("good", labels=False, unmatched=2), True),
        (Doubts(False, None, 2), opinion("good", labels=False, unmatched=1), False),
    ],
)
def test_disagreement_is_by_label_by_odds_or_by_boxes(doubts, said, fires):
    assert bool(disagreement(facts(differences=(said,)), doubts)) == fires


def test_disagreement_tells_who_says_what_and_how_far_off():
    reason = disagreement(
        facts(
            differences=(
                opinion(divergence=0.6, unmatched=1),
                opinion("scratch", predictor="elder 3", divergence=None, unmatched=3),
                opinion("good", predictor="same 1", labels=False, divergence=0.0),
            )
        ),
        Doubts(True, 0.3, 2),
    )
    assert reason.as_json() == {
        "name": "disagreement",
        "detail": {
            "predicted": "good",
            "others": ["crack", "scratch"],
            "predictors": ["elder 3", "other 1"],
            "divergence": 0.6,
            "unmatched": 3,
        },
    }


def test_a_flag_is_repeated_in_the_clients_words():
    assert client_flag(facts(flag="lens smeared"), True).detail == {"flag": "lens smeared"}
    assert client_flag(facts(flag="lens smeared"), False) is None


def test_labels_that_are_gone_are_named():
    assert taxonomy_changed(facts(gone=("dust",))).detail == {"labels": ["dust"]}


def test_every_rule_of_the_leads_that_matches_is_named():
    rules = [
        NamedRule("line 3", When(slices={"line": ("3",)})),
        NamedRule("cracks", When(labels=("crack",))),
        NamedRule("good ones of line 3", When(labels=("good",), slices={"line": (3,)})),
    ]
    reason = rule(facts(slices={"line": 3}), rules)
    assert reason.detail == {"rules": ["line 3", "good ones of line 3"]}
    assert rule(facts(slices={"line": "4"}), rules) is None


@pytest.mark.parametrize(
    ("sent", "written", "alike"),
    [
        ("3", 3, True),
        (3.0, "3", True),
        (2.5, "2.5", True),
        (True, "true", True),
        (True, 1, False),
        (False, False, True),
        ("a", "A", False),
        (float("nan"), 0, False),
        (float("inf"), 0, False),
    ],
)
def test_slice_values_are_compared_as_somebody_would_type_them(sent, written, alike):
    when = When(slices={"line": (written,)})
    assert when.matches(facts(slices={"line": sent})) == alike
    assert not when.matches(facts())


@pytest.mark.parametrize(
    ("sent", "matches"),
    [
        ({"shift": "night"}, True),
        ({"shift": "late", "deep": {"shift": "night"}}, False),
        ({"shift": ["night"]}, False),
        ({"shift": {"night": 1}}, False),
        ({"shift": 3.0}, True),
        ({}, False),
    ],
)
def test_a_field_of_the_metadata_is_compared_like_a_slice(sent, matches):
    when = When(metadata={"shift": ("night", "3")})
    assert when.matches(facts(metadata=sent)) == matches
    assert not when.matches(facts(slices={"shift": "night"}))


def test_a_class_is_any_label_that_is_claimed():
    when = When(labels=("crack",))
    assert when.matches(facts(predicted="crack"))
    assert when.matches(facts(predicted="scratch", claimed=("scratch", "crack")))
    assert not when.matches(facts(predicted="scratch", claimed=("scratch",)))
    assert When(labels=("",)).matches(facts(predicted=""))


def test_workers_say_what_they_found():
    assert novelty(p_value=0.002, threshold=0.01, distance=0.4).as_json() == {
        "name": "novelty",
        "detail": {"p_value": 0.002, "threshold": 0.01, "distance": 0.4},
    }
    assert informative(margin=0.03, uncertainty=0.97).as_json() == {
        "name": "informative",
        "detail": {"margin": 0.03, "uncertainty": 0.97},
    }
