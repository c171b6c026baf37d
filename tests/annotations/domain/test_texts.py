from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.texts import HIDDEN, excerpt, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Where is my parcel?\n\tThanks", "Where is my parcel?\n\tThanks"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("pay\u200bpal", "pay‹U+200B›pal"),
        ("a" + "\u200b" * 37 + "b", "a‹U+200B ×37›b"),
        ("\u202egnp.exe", "‹U+202E›gnp.exe"),
        ("bell\x07\x1b[31m", "bell‹U+0007›‹U+001B›[31m"),
        ("hi\U000e0041\U000e0042", "hi‹U+E0041›‹U+E0042›"),
    ],
)
def test_what_hides_is_named(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["می\u200cخواهم", "👩\u200d🔬", "שלום, world", "مرحبا\u200f!", "zoë", "日本語"]
)
def test_scripts_and_emoji_stay_as_they_are(text):
    assert visible(text) == text


@given(st.text())
def test_nothing_hidden_is_left_and_naming_twice_changes_nothing(text):
    assert not HIDDEN.search(visible(text))
    assert visible(visible(text)) == visible(text)


@given(st.text(), st.integers(2, 40))
def test_an_excerpt_is_one_line_and_short(text, length):
    line = excerpt(text, length)
    assert len(line) <= length
    assert "\n" not in line


def test_an_excerpt_says_that_there_is_more():
    assert excerpt("short") == "short"
    assert excerpt("word " * 100, 10) == "word word…"
    assert excerpt("x" + " " * 400, 10).endswith("…")
    assert excerpt("a" * 10_000_000, 10) == "aaaaaaaaa…"
