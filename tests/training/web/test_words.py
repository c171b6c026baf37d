from __future__ import annotations

import pytest

from training.web.words import duration, figures_text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (0.04, "0.0 s"),
        (8.25, "8.2 s"),
        (59, "59 s"),
        (125, "2 min 5 s"),
        (3780, "1 h 3 min"),
    ],
)
def test_a_duration_is_told_in_the_two_units_that_matter(seconds, told) -> None:
    assert duration(seconds) == told


def test_figures_are_rounded_counted_in_words_and_shortened() -> None:
    figures = {
        "validation_accuracy": 0.85631,
        "by_label": {"good": 717, "near_duplicate": 3},
        "digest": "ab" * 32,
        "learn": 896,
        "reasons": ["said elsewhere"],
        "dropped": {},
    }
    assert figures_text(figures) == (
        "validation accuracy 0.856, by label 717 good, 3 near duplicate, "
        "digest abababababab…, learn 896, dropped none"
    )
