from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotations.domain.kinds.distributions import (
    TOLERANCE,
    Ranked,
    carried,
    compare,
    divergence,
    ranked,
    spread,
)

LABELS = ["good", "crack", "dent", "stain"]


def complete(labels=LABELS):
    """Probabilities of every label that add up to 1."""
    weights = st.lists(st.integers(0, 100), min_size=len(labels), max_size=len(labels))
    return weights.filter(any).map(
        lambda found: dict(zip(labels, (each / sum(found) for each in found), strict=True))
    )


def test_the_most_probable_comes_first_and_equal_ones_by_key():
    assert ranked({"b": 0.25, "c": 0.5, "a": 0.25}) == (("c", 0.5), ("a", 0.25), ("b", 0.25))


def test_the_figures_of_a_complete_answer():
    answer = Ranked(ranked({"good": 0.5, "crack": 0.25, "dent": 0.25}))
    assert (answer.top, answer.confidence, answer.margin) == ("good", 0.5, 0.25)
    assert answer.labels == ("good", "crack", "dent")
    assert answer.entropy == pytest.approx(1.5 / math.log2(3))
    assert answer.positive({"crack", "dent"}) == 0.5
    assert answer.dissent is None


def test_one_label_alone_has_the_least_margin_that_its_rest_allows():
    assert Ranked((("good", 0.6),)).margin == pytest.approx(0.2)
    assert Ranked((("good", 0.3),)).margin == 0.0
    assert Ranked((("good", 1.0),)).margin == 1.0


def test_one_label_alone_is_only_known_to_be_certain_when_it_holds_everything():
    assert Ranked((("good", 0.6),)).entropy is None
    assert Ranked((("good", 1.0),)).entropy == 0.0


def test_what_a_few_labels_leave_untold_may_be_a_finding():
    first_choice = Ranked((("good", 0.7),))
    assert first_choice.positive({"crack"}) == pytest.approx(0.3)
    few = Ranked((("good", 0.7), ("stain", 0.1)))
    assert few.positive({"crack"}) == pytest.approx(0.1)
    assert few.positive({"crack", "dent"}) == pytest.approx(0.2)
    assert few.positive(set()) == 0.0
    assert Ranked((("good", 0.7), ("stain", 0.3))).positive({"crack", "dent"}) == 0.0


def test_rounding_leaves_nothing_untold():
    assert Ranked((("good", 0.66), ("stain", 0.335))).positive({"crack"}) == 0.0


def test_nothing_is_left_to_be_sure_of_without_a_label():
    empty = Ranked(())
    assert (empty.top, empty.confidence, empty.margin, empty.entropy) == ("", 0.0, None, None)
    assert empty.positive({"crack"}) == 0.0
    assert empty.distribution is None


@given(complete())
def test_margin_entropy_and_findings_keep_their_bounds(probabilities):
    answer = Ranked(ranked(probabilities))
    assert 0 <= answer.margin <= 1
    assert 0 <= answer.entropy <= 1
    assert 0 <= answer.positive({"crack", "dent"}) <= 1
    assert answer.positive(LABELS) == pytest.approx(1)


def test_entropy_is_0_when_certain_and_1_when_torn():
    assert spread((("a", 1.0), ("b", 0.0)), choices=2) == 0.0
    assert spread((("a", 0.25), ("b", 0.25)), choices=2) == pytest.approx(1)


@given(complete(), complete())
def test_divergence_is_symmetric_and_from_0_to_1(one, other):
    left, right = ranked(one), ranked(other)
    assert 0 <= divergence(left, right) <= 1
    assert divergence(left, right) == divergence(right, left)
    assert divergence(left, left) == 0


@given(complete(), complete(), st.integers(1, 3))
def test_what_was_left_out_never_adds_to_the_divergence(one, other, told):
    left, right = ranked(one), ranked(other)
    untold = sum(probability for _, probability in left[told:])
    assume(untold == 0 or untold > 2 * TOLERANCE)  # less counts as rounding
    assert divergence(left[:told], right) <= divergence(left, right) + 1e-9


def test_divergence_knows_both_ends():
    certain = (("a", 1.0),)
    assert divergence(certain, (("b", 1.0),)) == 1.0
    assert divergence(certain, (("b", 0.5),)) == pytest.approx(
        divergence((("a", 1.0), ("b", 0.0)), (("a", 0.5), ("b", 0.5)))
    )


def test_a_comparison_says_both_whether_the_labels_differ_and_how_far():
    one, other = Ranked((("a", 0.6), ("b", 0.4))), Ranked((("b", 0.6), ("a", 0.4)))
    assert compare(one, other).labels
    assert 0 < compare(one, other).divergence < 0.1
    assert compare(one, one).divergence == 0
    assert compare(one, Ranked(())).divergence is None


def test_merged_labels_add_up_and_lost_ones_are_named():
    ranking = (("good", 0.5), ("crack", 0.3), ("dent", 0.2))
    assert carried(ranking, {"good": "good", "crack": "defect", "dent": "defect"}.get) == (
        (("defect", 0.5), ("good", 0.5)),
        (),
    )
    assert carried(ranking, {"good": "good"}.get) == ((("good", 0.5),), ("crack", "dent"))


@given(complete())
def test_the_same_words_carry_an_answer_unchanged(probabilities):
    assert carried(ranked(probabilities), lambda key: key) == (ranked(probabilities), ())
