from __future__ import annotations

from typing import get_args

import pytest

from annotations.domain.routing import ReasonName
from annotations.domain.words import Voice, reason_name, reason_text

DETAILS = {
    "low_confidence": ({"confidence": 0.512, "below": 0.6}, "confidence 0.51 below 0.60"),
    "small_margin": (
        {"margin": 0.05, "below": 0.1},
        "two labels only 0.05 apart, less than 0.10",
    ),
    "high_entropy": (
        {"entropy": 0.8, "above": 0.7},
        "spread over many labels: 0.80, more than 0.70",
    ),
    "disagreement": ({"others": ["crack", "dust"]}, "another model says crack, dust"),
    "dissent": ({"dissent": 0.4, "least": 0.2}, "asked again, 0.40 say otherwise"),
    "client_flag": ({"flag": "lens smeared"}, "the client asks for a look: lens smeared"),
    "taxonomy_changed": ({"labels": ["dust"]}, "its label is no longer in use: dust"),
    "rule": ({"rules": ["line 3", "cracks"]}, "rule: line 3, cracks"),
    "novelty": ({"p_value": 0.001}, "unlike anything learned from"),
    "informative": ({"margin": 0.1}, "picked to learn from"),
    "audit": ({"probability": 0.1}, "drawn at random for audit"),
}


@pytest.mark.parametrize("name", get_args(ReasonName))
def test_every_reason_has_a_sentence_of_its_own(name):
    detail, sentence = DETAILS[name]
    assert reason_text({"name": name, "detail": detail}) == sentence
    assert reason_name(name)


@pytest.mark.parametrize("name", get_args(ReasonName))
def test_a_reason_of_an_older_form_is_told_all_the_same(name):
    assert reason_text({"name": name})


def test_disagreement_about_odds_or_boxes_is_told_as_such():
    odds = {"others": [], "divergence": 0.4}
    boxes = {"others": [], "divergence": 0.4, "unmatched": 3}
    assert reason_text({"name": "disagreement", "detail": odds}).endswith("odds are 0.40 off")
    assert reason_text({"name": "disagreement", "detail": boxes}).endswith("3 boxes otherwise")


def test_a_reason_nobody_knows_is_named_at_least():
    assert reason_text({"name": "gut_feeling"}) == "gut feeling"
    assert reason_name("gut_feeling") == "gut feeling"


def test_a_voice_says_the_text_in_its_language_and_the_figures_its_way() -> None:
    reason = {"name": "low_confidence", "detail": {"confidence": 0.5, "below": 0.75}}
    german = {"confidence %(confidence)s below %(below)s": "%(confidence)s unter %(below)s"}
    voice = Voice(german.__getitem__, lambda figure: str(figure).replace(".", ","))
    assert reason_text(reason, voice) == "0,5 unter 0,75"
