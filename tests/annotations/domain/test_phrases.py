from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.phrases import Part, marked


def found(text: str, *phrases: str) -> list[str]:
    return [part.text for part in marked(text, phrases) if part.marked]


@given(st.text(), st.lists(st.text(max_size=5), max_size=4))
def test_the_parts_are_the_text_again(text: str, phrases: list[str]) -> None:
    assert "".join(part.text for part in marked(text, phrases)) == text


def test_without_phrases_nothing_is_marked() -> None:
    assert marked("a text", []) == (Part("a text"),)
    assert marked("a text", ["", "  "]) == (Part("a text"),)
    assert marked("", ["a"]) == (Part(""),)


def test_case_and_white_space_do_not_matter() -> None:
    assert found("Money\n  BACK, please", "money back") == ["Money\n  BACK"]


def test_a_phrase_is_not_found_inside_a_word() -> None:
    assert found("The refunded refund", "refund") == ["refund"]
    assert found("C++ and C+", "c++") == ["C++"]


def test_of_overlapping_mentions_the_longer_is_marked() -> None:
    assert found("money back guarantee", "money", "money back", "back guarantee") == ["money back"]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("我想退款谢谢", "退款"),
        ("لم يصل طلبي", "لم يصل"),
        ("Где моя ПОСЫЛКА?", "посылка"),
        ("a.*b", "a.*b"),
    ],
)
def test_other_scripts_and_signs(text: str, phrase: str) -> None:
    assert len(found(text, phrase)) == 1
