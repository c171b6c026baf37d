from __future__ import annotations

import pytest

from reviewhub.common.templatetags.keys import aria_keys, key_list, key_words, keycap


@pytest.mark.parametrize(
    ("keys", "first", "every", "aria"),
    [
        ("a,enter", "A", ["A", "Enter"], "A Enter"),
        ("shift+w", "Shift+W", ["Shift+W"], "Shift+W"),
        ("ctrl+shift+z", "Ctrl+Shift+Z", ["Ctrl+Shift+Z"], "Control+Shift+Z"),
        ("+,=", "+", ["+", "="], "Plus ="),
        ("ctrl++", "Ctrl++", ["Ctrl++"], "Control+Plus"),
        ("comma", ",", [","], ","),
        ("arrowleft,pagedown,f2", "←", ["←", "Page down", "F2"], "ArrowLeft PageDown F2"),
        ("", "", [], ""),
    ],
)
def test_keys_are_read_by_people_and_by_machines(
    keys: object, first: str, every: list[str], aria: str
) -> None:
    assert keycap(keys) == first
    assert key_list(keys) == every
    assert aria_keys(keys) == aria


def test_the_page_carries_words_for_keys_that_print_nothing() -> None:
    assert key_words()["ctrl"] == "Ctrl"
