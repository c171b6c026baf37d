from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.routing import NamedRule, Override, Rules, When
from annotations.domain.routing.lines import (
    LineInvalid,
    due_as_text,
    due_from_text,
    overrides_as_text,
    overrides_from_text,
    rules_as_text,
    rules_from_text,
)

WORDS = st.text(min_size=1, max_size=12).filter(str.strip)
LABELS = st.lists(st.sampled_from(["crack", "nothing", "deep crack", ""]), max_size=3, unique=True)
NAMES = WORDS | st.sampled_from(["class", "due", "metadata.", "metadata.shift"])
VALUES = st.dictionaries(NAMES, st.lists(WORDS, min_size=1, max_size=3).map(tuple), max_size=2)
WHEN = st.builds(
    When,
    labels=LABELS.map(tuple),
    slices=VALUES,
    metadata=VALUES,
).filter(lambda when: when.labels or when.slices or when.metadata)


def test_a_rule_reads_as_it_is_written():
    text = (
        'line 3 after maintenance: line = 3\ncracks at night: class = crack, "a=b"; shift = night'
    )
    documents = rules_from_text(text)
    assert documents == [
        {"name": "line 3 after maintenance", "when": {"slices": {"line": ["3"]}}},
        {
            "name": "cracks at night",
            "when": {"labels": ["crack", "a=b"], "slices": {"shift": ["night"]}},
        },
    ]
    rules = Rules.from_json({"audit_rate": 0.1, "rules": documents}).rules
    assert rules_as_text(rules) == text


def test_a_rule_may_say_in_how_many_minutes_and_a_slice_of_that_name_stands_in_quotes():
    text = 'x: line = 3; due = 30\ny: "due" = 30'
    documents = rules_from_text(text)
    assert documents == [
        {"name": "x", "when": {"slices": {"line": ["3"]}}, "due_minutes": 30},
        {"name": "y", "when": {"slices": {"due": ["30"]}}},
    ]
    rules = Rules.from_json({"audit_rate": 0.1, "rules": documents}).rules
    assert rules_as_text(rules) == text
    with pytest.raises(LineInvalid, match="Line 1"):
        overrides_from_text("line = 3; due = 30: dissent = off")


def test_due_times_read_as_they_are_written():
    text = "client_flag = 60\nany = 1440"
    assert due_from_text(text) == {"client_flag": 60, "any": 1440}
    assert due_from_text("client flag = 60") == {"client_flag": 60}
    rules = Rules.from_json({"audit_rate": 0.1, "due_minutes": due_from_text(text)})
    assert due_as_text(rules.due_minutes) == text
    assert Rules.from_json(rules.as_json()) == rules
    with pytest.raises(LineInvalid, match="Line 2"):
        due_from_text("any = 3\nrule = 4, 5")


def test_a_field_of_the_metadata_is_told_from_a_slice_by_its_name():
    text = 'x: metadata.shift = night; metadata."a=b" = 1, 2\ny: "metadata.shift" = night'
    documents = rules_from_text(text)
    assert [each["when"] for each in documents] == [
        {"metadata": {"shift": ["night"], "a=b": ["1", "2"]}},
        {"slices": {"metadata.shift": ["night"]}},
    ]
    rules = Rules.from_json({"audit_rate": 0.1, "rules": documents}).rules
    assert rules_as_text(rules) == text


def test_an_override_reads_as_it_is_written():
    text = (
        "class = crack, nothing; line = 3, 4: low_confidence = 0.95, dissent = off\n"
        "site = Ulm: disagreement = off, unmatched_boxes = 2"
    )
    documents = overrides_from_text(text)
    assert documents == [
        {
            "when": {"labels": ["crack", ""], "slices": {"line": ["3", "4"]}},
            "set": {"low_confidence": 0.95, "dissent": None},
        },
        {
            "when": {"slices": {"site": ["Ulm"]}},
            "set": {"disagreement": False, "unmatched_boxes": 2},
        },
    ]
    overrides = Rules.from_json({"audit_rate": 0.1, "overrides": documents}).overrides
    assert overrides_as_text(overrides) == text


@given(st.lists(st.tuples(WORDS, WHEN), max_size=3, unique_by=lambda each: each[0]))
def test_whatever_the_names_are_rules_come_back(pairs):
    rules = tuple(NamedRule(name, when) for name, when in pairs)
    documents = rules_from_text(rules_as_text(rules))
    assert documents == [rule.as_json() for rule in rules]


@given(WHEN)
def test_whatever_the_conditions_are_overrides_come_back(when):
    override = Override(when, {"low_confidence": 0.5, "client_flag": True, "small_margin": None})
    assert overrides_from_text(overrides_as_text([override])) == [override.as_json()]


def test_numbers_and_switches_of_a_document_are_written_as_words():
    when = When(slices={"line": (3, 4.5), "night": (True,)})
    assert rules_as_text([NamedRule("x", when)]) == "x: line = 3, 4.5; night = true"


def test_what_only_looks_like_a_number_or_an_escape_is_kept_for_the_check_to_refuse():
    assert overrides_from_text("line = 3: low_confidence = much")[0]["set"] == {
        "low_confidence": "much"
    }
    assert rules_from_text(r'a: line = "\q"')[0]["when"] == {"slices": {"line": [r"\q"]}}


@pytest.mark.parametrize("text", ["", "\n  \n"])
def test_no_line_is_no_rule(text):
    assert rules_from_text(text) == overrides_from_text(text) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("line = 3", "Line 1 lacks “:” after the name."),
        ("a: line = 3\nb", "Line 2 lacks “:” after the name."),
        (": line = 3", "Line 1 lacks a name."),
        ("a:", "Line 1 lacks a condition such as line = 3."),
        ("a: line", "Line 1 lacks “=” after line."),
        ("a: line =", "Line 1 lacks a value."),
        ("a: line = 3,", "Line 1 lacks a value."),
        ("a: line = 3 = 4", "Line 1 has something left over at “=”."),
        ('a: line = "3', "Line 1 cannot be read from '\"3' on."),
    ],
)
def test_what_cannot_be_read_is_told_by_line(text, told):
    with pytest.raises(LineInvalid) as caught:
        rules_from_text(text)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("line = 3", "Line 1 lacks “:” after the conditions."),
        ("line = 3: low_confidence", "Line 1 lacks “=” after low_confidence."),
        ("line = 3: low_confidence = 0.5; line = 4", "Line 1 has something left over at “;”."),
    ],
)
def test_what_cannot_be_read_of_an_override_is_told_by_line(text, told):
    with pytest.raises(LineInvalid) as caught:
        overrides_from_text(text)
    assert str(caught.value) == told
