from __future__ import annotations

import pytest

from annotations.domain.keymap import (
    ACTIONS,
    LAYOUTS,
    Conflict,
    check,
    layout_of,
    own_keys,
    resolved,
    shipped_keys,
    split,
    tidy,
)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_shipped_layouts_have_no_conflict(layout: str) -> None:
    assert check({"layout": layout}, label_hotkeys={str(n): f"Label {n}" for n in range(10)}) == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_shipped_keys_are_named_as_a_person_would_have_to_name_them(layout: str) -> None:
    for keys in shipped_keys({"layout": layout}).values():
        assert tidy(keys) == keys
        assert split(keys)


def test_every_action_has_a_key_of_its_own_in_each_layout() -> None:
    for layout in LAYOUTS:
        keys = [key for told in resolved({"layout": layout}).values() for key in split(told)]
        assert len(keys) == len(set(keys))


def test_own_keys_replace_shipped_ones_and_fixed_ones_stay() -> None:
    keys = resolved({"layout": "left", "keys": {"confirm": "k", "skip": "", "gone": "o"}})
    assert keys["confirm"] == "k,enter"
    assert keys["skip"] == "s"
    assert keys["unusable"] == "r"
    assert set(keys) == {action.name for action in ACTIONS}


@pytest.mark.parametrize("document", [{}, {"layout": "up"}, {"keys": ["a"]}, {"keys": None}])
def test_a_document_that_says_nothing_is_as_shipped(document: dict[str, object]) -> None:
    assert resolved(document) == resolved({})
    assert layout_of(document) == "right"
    assert own_keys(document) == {}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        (" A ", "a"),
        ("Shift + W", "shift+w"),
        ("shift+ctrl+Z", "ctrl+shift+z"),
        ("Strg+Enter", "ctrl+enter"),
        ("cmd+return, Del", "ctrl+enter,delete"),
        (",", "comma"),
        ("a,,", "a,comma"),
        ("a, ,b", "a,b"),
        ("a,,,b", "a,comma,b"),
        ("+", "+"),
        ("+,=", "+,="),
        ("ctrl++", "ctrl++"),
        ("left", "arrowleft"),
        ("a,A", "a"),
        ("", ""),
        ("hyper+a", "hyper+a"),
    ],
)
def test_what_a_person_types_becomes_the_name_of_a_key(typed: str, key: str) -> None:
    assert tidy(typed) == key
    assert tidy(key) == key


def faults(**own: str) -> list[Conflict]:
    return check({"keys": own}, label_hotkeys={"2": "Good", "q": "Crack (Cells)"})


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("5", "digit"),
        ("shift+5", "unknown"),
        ("ctrl+5", "digit"),
        ("ctrl+w", "reserved"),
        ("ctrl+t", "reserved"),
        ("f5", "reserved"),
        ("tab", "reserved"),
        ("arrowleft", "reserved"),
        ("?", "reserved"),
        ("g", "chord"),
        ("hyper+a", "unknown"),
        ("word", "unknown"),
        ("shift+.", "unknown"),
        ("ctrl+", "unknown"),
        ("A", "unknown"),
    ],
)
def test_a_key_that_no_action_can_have_is_named(key: str, why: str) -> None:
    assert faults(skip=key) == [Conflict("skip", key, why)]


@pytest.mark.parametrize("key", ["v", "é", "ф", "shift+é", "f2", "ctrl+enter,v", "alt+o", ";"])
def test_other_keys_are_free(key: str) -> None:
    assert [fault.why for fault in faults(save=key)] == []


def test_a_key_of_two_actions_is_told_at_the_one_that_was_changed() -> None:
    assert faults(confirm="s") == [Conflict("confirm", "s", "action", "skip")]
    assert faults(skip="enter") == [Conflict("skip", "enter", "action", "confirm")]
    assert faults(skip="v", undo="v") == [Conflict("undo", "v", "action", "skip")]


def test_two_actions_may_exchange_their_keys() -> None:
    assert faults(skip="x", unusable="s") == []


def test_the_letter_of_a_label_belongs_to_it() -> None:
    assert faults(skip="q") == [Conflict("skip", "q", "label", "Crack (Cells)")]


def test_an_action_has_three_keys_at_most() -> None:
    assert faults(skip="v,w,q,t")[0].why == "many"
    assert faults(confirm="v,w,t") == []
