from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.kinds.answers import Difference
from annotations.domain.kinds.text_classification import (
    carry,
    compare,
    distance,
    judge,
    parse,
    restore,
    says,
)
from annotations.errors import InvalidAnswer, UnknownLabel

LABELS = ["complaint", "praise", "question"]

keys = st.sampled_from(LABELS)
prompts = st.one_of(
    st.just({}), st.fixed_dictionaries({"prompt_version": st.sampled_from(["v3", "triage 2"])})
)
chances = st.floats(0, 1, exclude_min=True)
fields = st.one_of(
    st.lists(keys, min_size=1, max_size=100).map(lambda found: {"samples": found}),
    keys.map(lambda key: {"label": key}),
    st.builds(lambda key, chance: {"label": key, "confidence": chance}, keys, chances),
    st.lists(st.integers(1, 99), min_size=3, max_size=3).map(
        lambda found: {
            "probabilities": {
                key: each / sum(found) for key, each in zip(LABELS, found, strict=True)
            }
        }
    ),
)
documents = st.builds(lambda form, prompt: {**form, **prompt}, fields, prompts)


def problems(raw, labels=LABELS):
    with pytest.raises(InvalidAnswer) as caught:
        parse(raw, labels)
    return {problem["field"]: problem["message"] for problem in caught.value.data["errors"]}


def test_a_classifier_tells_probabilities():
    answer = parse({"probabilities": {"complaint": 0.7, "praise": 0.2, "question": 0.1}}, LABELS)
    assert (answer.top, answer.confidence, answer.dissent) == ("complaint", 0.7, None)
    assert answer.as_json() == {
        "probabilities": {"complaint": 0.7, "praise": 0.2, "question": 0.1},
    }


def test_samples_are_counted():
    answer = parse({"samples": ["praise", "complaint", "praise", "praise"]}, LABELS)
    assert (answer.top, answer.confidence, answer.dissent) == ("praise", 0.75, 0.25)
    assert answer.margin == 0.5
    assert answer.positive({"complaint"}) == 0.25
    assert answer.labels == ("praise", "complaint")


def test_the_entropy_of_samples_is_that_of_the_votes():
    assert parse({"samples": ["praise"] * 5}, LABELS).entropy == 0.0
    assert parse({"samples": LABELS}, LABELS).entropy == pytest.approx(1)
    assert parse({"samples": ["praise", "complaint", "praise", "complaint"]}, LABELS).entropy == 0.5


def test_a_label_alone_is_as_sure_as_it_says():
    told = parse({"label": "praise", "confidence": 0.8, "prompt_version": "v3"}, LABELS)
    assert (told.top, told.confidence, told.entropy, told.dissent) == ("praise", 0.8, None, None)
    assert told.positive({"complaint"}) == pytest.approx(0.2)
    silent = parse({"label": "praise"}, LABELS)
    assert (silent.confidence, silent.margin) == (1.0, 1.0)
    assert silent.as_json() == {"label": "praise"}


@given(documents)
def test_an_answer_survives_json(raw):
    answer = parse(raw, LABELS)
    stored = json.loads(json.dumps(answer.as_json()))
    assert parse(stored, LABELS) == restore(stored) == answer
    assert 0 < answer.confidence <= 1
    assert 0 <= answer.positive({"complaint"}) <= 1
    assert answer.top == answer.labels[0]


@given(documents, documents)
def test_comparing_is_symmetric(one, other):
    left, right = parse(one, LABELS), parse(other, LABELS)
    assert compare(left, right) == compare(right, left)
    assert not compare(left, left).labels
    assert compare(left, left).divergence in (None, 0.0)


@given(documents)
def test_the_same_words_carry_an_answer_unchanged(raw):
    answer = parse(raw, LABELS)
    assert carry(answer, lambda key: key) == (answer, ())


def test_a_mere_choice_has_no_distribution_to_compare():
    sampled = parse({"samples": ["praise", "complaint"]}, LABELS)
    chosen = parse({"label": "praise", "confidence": 0.9}, LABELS)
    assert compare(sampled, chosen) == Difference(labels=True, divergence=None)


def test_a_sample_without_successor_loses_its_vote():
    answer = parse({"samples": ["praise", "complaint", "complaint", "question"]}, LABELS)
    moved, gone = carry(answer, {"praise": "thanks", "question": "thanks"}.get)
    assert moved.as_json() == {"samples": ["thanks", "thanks"]}
    assert (moved.confidence, moved.dissent, gone) == (1.0, 0.0, ("complaint",))


def test_nothing_is_left_of_an_answer_whose_labels_are_all_gone():
    for raw in ({"samples": ["praise"]}, {"label": "praise"}, {"probabilities": {"praise": 1.0}}):
        moved, gone = carry(parse(raw, LABELS), lambda key: None)
        assert (moved.top, moved.confidence, moved.dissent, gone) == ("", 0.0, None, ("praise",))


@pytest.mark.parametrize("raw", [None, [], "praise", 0.9])
def test_something_else_than_fields_is_refused(raw):
    assert "Expected an object" in problems(raw)[""]


@pytest.mark.parametrize(
    ("raw", "field", "told"),
    [
        ({}, "probabilities", "exactly one of probabilities, samples, label; got none"),
        ({"prompt_version": "v3"}, "probabilities", "got none"),
        ({"label": "praise", "samples": ["praise"]}, "label", "got samples and label"),
        ({"label": "praise", "boxes": []}, "boxes", "text_classification takes probabilities"),
        ({"label": "praise", "x" * 99: 1}, "x" * 60, "not this"),
        ({"label": "anger"}, "label", "Expected a label of the taxonomy: complaint, praise"),
        ({"label": 3}, "label", "Expected a label"),
        ({"label": ["praise"]}, "label", "Expected a label"),
        ({"label": "praise", "confidence": 0}, "confidence", "above 0 and up to 1"),
        ({"label": "praise", "confidence": float("nan")}, "confidence", "above 0 and up to 1"),
        ({"label": "praise", "confidence": 1.01}, "confidence", "above 0 and up to 1"),
        ({"label": "praise", "confidence": True}, "confidence", "above 0 and up to 1"),
        ({"label": "praise", "confidence": None}, "confidence", "above 0 and up to 1"),
        ({"samples": ["praise"], "confidence": 0.9}, "confidence", "only beside label"),
        ({"label": "praise", "prompt_version": ""}, "prompt_version", "1 to 100 printable"),
        ({"label": "praise", "prompt_version": "a\nb"}, "prompt_version", "1 to 100 printable"),
        ({"label": "praise", "prompt_version": "v" * 101}, "prompt_version", "1 to 100 printable"),
        ({"label": "praise", "prompt_version": 3}, "prompt_version", "1 to 100 printable"),
        ({"samples": []}, "samples", "list of 1 to 100 label keys"),
        ({"samples": ["praise"] * 101}, "samples", "list of 1 to 100 label keys"),
        ({"samples": "praise"}, "samples", "list of 1 to 100 label keys"),
        ({"samples": ["praise", "anger"]}, "samples[1]", "Expected a label of the taxonomy"),
        ({"samples": ["praise", None]}, "samples[1]", "Expected a label of the taxonomy"),
        ({"samples": [["praise"]]}, "samples[0]", "Expected a label of the taxonomy"),
        ({"probabilities": {"praise": -0.1}}, "probabilities.praise", "from 0 to 1"),
        ({"probabilities": {"praise": float("nan")}}, "probabilities.praise", "from 0 to 1"),
        ({"probabilities": {1: 1.0}}, "probabilities.1", "Expected a label"),
        ({"probabilities": ["praise"]}, "probabilities", "at least one label"),
        ({"probabilities": dict.fromkeys(LABELS, 0.5)}, "probabilities", "add up to 1.5"),
    ],
)
def test_what_is_wrong_is_told_by_field(raw, field, told):
    assert told in problems(raw)[field]


def test_not_more_than_twenty_problems_are_told():
    assert len(problems({"samples": ["anger"] * 100})) == 20


def test_labels_are_the_same_or_not():
    assert distance("praise", "praise") == 0.0
    assert distance("praise", "complaint") == 1.0


def test_a_person_answers_with_a_label_of_the_taxonomy():
    assert judge("praise", LABELS) == "praise"
    for wrong in ("unheard-of", "", None, ["praise"]):
        with pytest.raises(UnknownLabel) as caught:
            judge(wrong, LABELS)
        assert caught.value.data["known"] == LABELS
    assert says(parse({"label": "praise"}, LABELS)) == "praise"
