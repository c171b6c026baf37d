from __future__ import annotations

import pytest

from reviewhub.words.pseudo import pseudo


@pytest.mark.parametrize(
    "text", ["Confirm", "Send to the lead", "Answers you gave are stored; nothing is lost." * 3]
)
def test_a_text_grows_by_a_third_and_stays_readable(text: str) -> None:
    made = pseudo(text)
    assert 1.3 * len(text) <= len(made) <= 1.6 * len(text) + 4
    assert made.startswith("⟦")
    assert made.endswith("⟧")


def test_placeholders_tags_and_entities_stay_as_they_are() -> None:
    made = pseudo("%(count)s cases of <strong>%(name)s</strong> &amp; 5 %% of {total} ReviewHub")
    for kept in (
        "ReviewHub",
        "%(count)s",
        "<strong>",
        "%(name)s",
        "</strong>",
        "&amp;",
        "%%",
        "{total}",
    ):
        assert kept in made
    assert made % {"count": 3, "name": "cases"}
