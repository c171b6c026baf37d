from __future__ import annotations

import pytest

from annotations.actions.revise_keymap import revise_keymap
from annotations.domain.keymap import resolved
from annotations.errors import KeymapInvalid
from reviewhub.common.errors import InvalidInput
from tests.factories import stranger

pytestmark = pytest.mark.django_db


def test_only_what_differs_is_kept() -> None:
    rita = stranger()
    revise_keymap(user=rita, layout="left", keys={"skip": "s", "confirm": " K ", "undo": ""})
    rita.refresh_from_db()
    assert rita.keymap == {"layout": "left", "keys": {"confirm": "k"}}
    assert resolved(rita.keymap)["confirm"] == "k,enter"


def test_the_shipped_keys_of_the_first_layout_leave_nothing() -> None:
    rita = stranger()
    revise_keymap(user=rita, layout="left", keys={})
    revise_keymap(user=rita, layout="right", keys={"skip": "s"})
    rita.refresh_from_db()
    assert rita.keymap == {}


def test_what_cannot_be_is_named_and_nothing_is_stored() -> None:
    rita = stranger()
    with pytest.raises(KeymapInvalid) as refused:
        revise_keymap(user=rita, layout="right", keys={"skip": "a", "undo": "ctrl+w"})
    told = {each["field"]: each["message"] for each in refused.value.data["errors"]}
    assert told == {"skip": "action", "undo": "reserved"}
    rita.refresh_from_db()
    assert rita.keymap == {}


def test_a_label_refuses_an_own_key_and_is_no_fault_of_a_shipped_one() -> None:
    rita = stranger()
    labels = {"s": "Scratch", "o": "Other"}
    revise_keymap(user=rita, layout="right", keys={"undo": "w"}, label_hotkeys=labels)
    with pytest.raises(KeymapInvalid):
        revise_keymap(user=rita, layout="right", keys={"undo": "o"}, label_hotkeys=labels)


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(InvalidInput):
        revise_keymap(user=stranger(), layout="up", keys={})
