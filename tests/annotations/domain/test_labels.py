from __future__ import annotations

import math

import pytest

from annotations.domain.labels import COLOURS, LARGEST, LabelSpec, check_mapping, completed
from annotations.errors import TaxonomyInvalid


def labels(*keys: str) -> list[LabelSpec]:
    return [LabelSpec(key, key.title()) for key in keys]


def faults(*given: LabelSpec) -> list[str]:
    with pytest.raises(TaxonomyInvalid) as refused:
        completed(given)
    return [each["field"] for each in refused.value.data["errors"]]


def test_colours_and_hotkeys_follow_from_the_position() -> None:
    full = completed(labels("good", "crack", "shade"))
    assert [(label.colour, label.hotkey) for label in full] == [(1, "1"), (2, "2"), (3, "3")]


def test_what_was_chosen_stays_and_is_not_given_to_another() -> None:
    full = completed([LabelSpec("a", "A"), LabelSpec("b", "B", hotkey="1", colour=9)])
    assert [(label.hotkey, label.colour) for label in full] == [("2", 1), ("1", 9)]


def test_the_largest_taxonomy_has_a_key_and_a_colour_for_each_label() -> None:
    full = completed(labels(*[f"label-{n}" for n in range(LARGEST)]))
    assert len({label.hotkey for label in full}) == LARGEST
    assert {label.colour for label in full} == set(range(1, COLOURS + 1))
    assert "labels" in faults(*labels(*[f"label-{n}" for n in range(LARGEST + 1)]))


@pytest.mark.parametrize(
    ("label", "field"),
    [
        (LabelSpec("Good", "x"), "labels[1].key"),
        (LabelSpec("", "x"), "labels[1].key"),
        (LabelSpec("a" * 61, "x"), "labels[1].key"),
        (LabelSpec("b", " "), "labels[1].name"),
        (LabelSpec("b", "x" * 81), "labels[1].name"),
        (LabelSpec("b", "x", hotkey="12"), "labels[1].hotkey"),
        (LabelSpec("b", "x", hotkey=" "), "labels[1].hotkey"),
        (LabelSpec("b", "x", colour=13), "labels[1].colour"),
        (LabelSpec("b", "x", cost_of_miss=-1), "labels[1].cost_of_miss"),
        (LabelSpec("b", "x", cost_of_false_alarm=math.nan), "labels[1].cost_of_false_alarm"),
        (LabelSpec("b", "x", cost_of_miss=math.inf), "labels[1].cost_of_miss"),
        (LabelSpec("b", "x", phrases=("money back", " ")), "labels[1].phrases"),
        (LabelSpec("b", "x", phrases=("x" * 81,)), "labels[1].phrases"),
        (LabelSpec("b", "x", phrases=("x",) * 51), "labels[1].phrases"),
        (LabelSpec("a", "x"), "labels"),
        (LabelSpec("b", "A"), "labels"),
        (LabelSpec("b", "x", hotkey="z"), "labels"),
    ],
)
def test_a_label_that_cannot_be_is_named(label: LabelSpec, field: str) -> None:
    assert field in faults(LabelSpec("a", "A", hotkey="z"), label)


def test_one_label_is_no_choice() -> None:
    assert faults(*labels("good")) == ["labels"]


def test_a_mapping_names_keys_that_are_there() -> None:
    check_mapping({"old": "new"}, before=["old"], after=["new"])
    for mapping in ({"odd": "new"}, {"old": "odd"}):
        with pytest.raises(TaxonomyInvalid):
            check_mapping(mapping, before=["old"], after=["new"])
