from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.kinds.answers import Difference
from annotations.domain.kinds.image_classification import (
    ClassProbabilities,
    agree,
    carry,
    compare,
    distance,
    judge,
    parse,
    restore,
    same,
    says,
)
from annotations.errors import InvalidAnswer, UnknownLabel

LABELS = ["good", "crack", "scratch"]


def problems(raw, labels=LABELS):
    with pytest.raises(InvalidAnswer) as caught:
        parse(raw, labels)
    return {problem["field"]: problem["message"] for problem in caught.value.data["errors"]}


def test_a_complete_answer_names_its_top_and_how_sure_it_is():
    answer = parse({"good": 0.2, "crack": 0.7, "scratch": 0.1}, LABELS)
    assert (answer.top, answer.confidence) == ("crack", 0.7)


def test_the_most_probable_few_are_enough():
    assert parse({"crack": 0.6, "good": 0.3}, LABELS).top == "crack"
    assert parse({"crack": 0.6}, LABELS).confidence == 0.6


def test_clients_may_round():
    assert parse({"good": 0.33, "crack": 0.33, "scratch": 0.33}, LABELS)
    assert parse({"good": 0.34, "crack": 0.34, "scratch": 0.33}, LABELS)
    assert parse({"good": 1, "crack": 0, "scratch": 0}, LABELS).confidence == 1.0


def test_equal_probabilities_have_the_same_top_in_any_order():
    one = parse({"good": 0.5, "crack": 0.5}, LABELS)
    other = parse({"crack": 0.5, "good": 0.5}, LABELS)
    assert one == other
    assert one.top == other.top == "crack"


@given(st.lists(st.integers(1, 1000), min_size=3, max_size=3))
def test_an_answer_survives_json(weights):
    raw = dict(zip(LABELS, (weight / sum(weights) for weight in weights), strict=True))
    answer = parse(raw, LABELS)
    stored = json.loads(json.dumps(answer.as_json()))
    assert parse(stored, LABELS) == restore(stored) == answer
    assert answer.confidence == max(raw.values())


@pytest.mark.parametrize("raw", [None, {}, [], [0.5, 0.5], "good", 0.9])
def test_something_else_than_probabilities_is_refused(raw):
    assert "at least one label" in problems(raw)["probabilities"]


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -0.1, 1.0001, 10**400, True, None, "0.9", [0.9]]
)
def test_what_is_no_probability_is_refused_by_name(value):
    assert problems({"good": value}) == {
        "probabilities.good": "Expected a number from 0 to 1.",
    }


def test_a_label_the_taxonomy_lacks_is_refused_with_those_it_has():
    assert problems({"dent": 0.5, "good": 0.5}) == {
        "probabilities.dent": "Expected a label of the taxonomy: good, crack, scratch.",
    }


def test_every_problem_is_told_at_once_but_not_without_end():
    assert len(problems({"dent": 0.5, "good": -1})) == 2
    assert len(problems({f"wrong{number}": 0.0 for number in range(5_000)})) == 20


@pytest.mark.parametrize(
    "raw",
    [
        {"good": 0.9, "crack": 0.1, "scratch": 0.011},
        {"good": 0.9, "crack": 0.08, "scratch": 0.009},
        {"good": 0.9, "crack": 0.2},
        {"good": 0, "crack": 0, "scratch": 0},
    ],
)
def test_probabilities_that_do_not_add_up_are_refused(raw):
    assert "add up to 1" in problems(raw)["probabilities"]


def test_a_few_that_hide_the_most_probable_label_are_refused():
    assert "left out hold 0.7" in problems({"good": 0.3}, ["good", "crack"])["probabilities"]


def test_a_client_sends_the_probabilities_as_a_field():
    sent = {"probabilities": {"good": 0.2, "crack": 0.8}}
    assert parse(sent, LABELS) == parse(sent["probabilities"], LABELS)
    assert problems({"probabilities": 0.9}) == problems({"probabilities": {}})
    assert problems({"probabilities": {"dent": 1.0}}).keys() == {"probabilities.dent"}


def test_a_label_may_be_called_like_a_field():
    labels = ["probabilities", "label"]
    assert parse({"probabilities": 0.9, "label": 0.1}, labels).top == "probabilities"
    assert parse({"probabilities": {"label": 1.0}}, labels).top == "label"


@pytest.mark.parametrize("field", ["boxes", "label", "samples", "confidence", "prompt_version"])
def test_a_field_of_another_kind_is_refused(field):
    told = problems({"probabilities": {"good": 1.0}, field: []})
    assert told == {field: "image_classification takes probabilities, and not this."}
    assert "takes probabilities" in problems({field: []})[field]


def test_what_was_stored_is_restored_in_whatever_order_it_comes_back():
    answer = parse({"good": 0.25, "crack": 0.5, "scratch": 0.25}, LABELS)
    assert restore(dict(reversed(answer.as_json().items()))) == answer


def test_two_predictors_differ_by_label_and_by_divergence():
    one, other = parse({"good": 0.9, "crack": 0.1}, LABELS), parse({"crack": 1.0}, LABELS)
    assert compare(one, one) == Difference(labels=False, divergence=0.0)
    assert compare(one, other) == compare(other, one)
    assert compare(one, other).labels
    assert compare(one, other).unmatched == 0


def test_an_answer_is_carried_into_a_newer_taxonomy():
    answer = parse({"good": 0.2, "crack": 0.5, "scratch": 0.3}, LABELS)
    moved, gone = carry(answer, {"good": "fine", "crack": "crack"}.get)
    assert moved.as_json() == {"crack": 0.5, "fine": 0.2}
    assert gone == ("scratch",)
    assert carry(answer, lambda key: key) == (answer, ())


def test_labels_are_the_same_or_not():
    assert distance("good", "good") == 0.0
    assert distance("good", "crack") == 1.0


def test_answers_cannot_be_changed():
    with pytest.raises(AttributeError):
        ClassProbabilities((("good", 1.0),)).ranking = ()


def test_a_person_answers_with_a_label_of_the_taxonomy():
    assert judge("good", LABELS) == "good"
    for wrong in ("unheard-of", "", None, ["good"]):
        with pytest.raises(UnknownLabel) as caught:
            judge(wrong, LABELS)
        assert caught.value.data["known"] == LABELS


def test_to_confirm_is_to_choose_the_same_label():
    assert says(parse({"good": 0.9}, LABELS)) == "good"
    assert same("good", "good")
    assert not agree("good", "crack")
