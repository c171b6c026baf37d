from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.boxes import Box
from annotations.domain.kinds import KINDS
from annotations.domain.settling import AskMore, Dispute, Opinion, Settled, Verdict, settle

LABELS, BOXES = KINDS["image_classification"], KINDS["object_detection"]
ANSWER = st.sampled_from(
    [
        (Verdict.CONFIRMED, "good"),
        (Verdict.CORRECTED, "crack"),
        (Verdict.CORRECTED, "scratch"),
        (Verdict.REJECTED, None),
        (Verdict.SKIPPED, None),
    ]
)


@st.composite
def policies(draw):
    wanted = draw(st.integers(1, 5))
    needed = draw(st.integers(1, wanted))
    skips = draw(st.integers(0, 3))
    return of(wanted, needed, skips)


@st.composite
def opinions(draw, max_size=9):
    answers = draw(st.lists(ANSWER, max_size=max_size))
    return [Opinion(person, *answer) for person, answer in enumerate(answers)]


def said(*answers):
    """Opinions by short words: a label, "unusable" or "skip"."""
    verdicts = {"unusable": (Verdict.REJECTED, None), "skip": (Verdict.SKIPPED, None)}
    return [
        Opinion(person, *verdicts.get(answer, (Verdict.CONFIRMED, answer)))
        for person, answer in enumerate(answers)
    ]


def of(wanted, needed, skips=2):
    return {
        "kind": LABELS,
        "answers_wanted": wanted,
        "agreement_needed": needed,
        "skips_allowed": skips,
    }


def test_a_single_answer_settles_where_one_is_wanted():
    assert settle(said("crack"), **of(1, 1)) == Settled("label", "crack", "single")
    assert settle(said("unusable"), **of(1, 1)) == Settled("unusable", None, "single")


def test_two_who_agree_settle_and_two_who_do_not_disagree():
    assert settle(said("crack"), **of(2, 2)) == AskMore(1)
    assert settle(said("crack", "crack"), **of(2, 2)) == Settled("label", "crack", "consensus")
    assert settle(said("crack", "good"), **of(2, 2)) == Dispute("no_agreement")
    assert settle(said("crack", "unusable"), **of(2, 2)) == Dispute("no_agreement")


def test_confirming_and_correcting_to_the_same_label_agree():
    both = [Opinion(1, Verdict.CONFIRMED, "good"), Opinion(2, Verdict.CORRECTED, "good")]
    assert settle(both, **of(2, 2)) == Settled("label", "good", "consensus")


def test_a_majority_of_three_settles_after_all_three():
    assert settle(said("crack", "crack"), **of(3, 2)) == AskMore(1)
    assert settle(said("crack", "crack", "good"), **of(3, 2)) == Settled(
        "label", "crack", "consensus"
    )


def test_it_is_disputed_as_soon_as_agreement_is_out_of_reach():
    assert settle(said("crack", "good"), **of(3, 3)) == Dispute("no_agreement")


def test_a_tie_is_a_dispute():
    assert settle(said("a", "a", "b", "b"), **of(4, 2)) == Dispute("no_agreement")
    assert settle(said("a", "b"), **of(1, 1)) == Dispute("no_agreement")


def test_a_skip_is_no_answer_and_too_many_go_to_a_lead():
    assert settle(said("skip"), **of(1, 1, skips=1)) == AskMore(1)
    assert settle(said("skip", "skip"), **of(1, 1, skips=1)) == Dispute("too_many_skips")
    assert settle(said("skip", "good"), **of(1, 1, skips=0)) == Settled("label", "good", "single")


@given(opinions(), policies(), st.randoms(use_true_random=False))
def test_the_order_of_opinions_does_not_matter(given_opinions, policy, random):
    shuffled = random.sample(given_opinions, len(given_opinions))
    assert settle(shuffled, **policy) == settle(given_opinions, **policy)


@given(opinions(), policies())
def test_it_never_settles_below_the_agreement_needed(given_opinions, policy):
    decision = settle(given_opinions, **policy)
    if isinstance(decision, Settled):
        voices = [each.judgement for each in given_opinions if each.verdict != Verdict.SKIPPED]
        assert len(voices) >= policy["answers_wanted"]
        assert voices.count(decision.judgement) >= policy["agreement_needed"]
        others = [voices.count(label) for label in set(voices) - {decision.judgement}]
        assert max(others, default=0) < voices.count(decision.judgement)


@given(st.data(), policies())
def test_asking_as_told_ends_with_the_answers_wanted_or_a_dispute(data, policy):
    given_opinions = []
    while isinstance(decision := settle(given_opinions, **policy), AskMore):
        assert decision.answers >= 1
        given_opinions.append(Opinion(len(given_opinions), *data.draw(ANSWER)))
    answers = sum(each.verdict != Verdict.SKIPPED for each in given_opinions)
    assert len(given_opinions) - answers <= policy["skips_allowed"] + 1
    assert answers <= policy["answers_wanted"]
    if isinstance(decision, Settled):
        assert answers == policy["answers_wanted"]


@given(opinions(), opinions(max_size=3), policies())
def test_a_dispute_is_never_early(given_opinions, more, policy):
    """What is disputed for want of agreement stays so, whatever the missing people would say."""
    missing = policy["answers_wanted"] - len(given_opinions)
    if settle(given_opinions, **policy) == Dispute("no_agreement") and missing > 0:
        later = [
            Opinion(100 + number, each.verdict, each.judgement)
            for number, each in enumerate(more[:missing])
        ]
        assert not isinstance(settle([*given_opinions, *later], **policy), Settled)


def test_nobody_speaks_twice():
    with pytest.raises(ValueError, match="two opinions"):
        settle([Opinion(1, Verdict.CONFIRMED, "a")] * 2, **of(2, 2))


@pytest.mark.parametrize(
    ("verdict", "judgement"),
    [
        (Verdict.CONFIRMED, None),
        (Verdict.CORRECTED, ""),
        (Verdict.SKIPPED, "good"),
        (Verdict.REJECTED, ()),
    ],
)
def test_an_opinion_has_a_judgement_exactly_when_it_judges(verdict, judgement):
    with pytest.raises(ValueError, match="opinion"):
        Opinion(1, verdict, judgement)


def drawn(*answers):
    """Opinions about boxes: each answer is a list of (x, width), or None for unusable."""
    return [
        Opinion(person, Verdict.REJECTED)
        if boxes is None
        else Opinion(
            person, Verdict.CORRECTED, tuple(Box("crack", x, 0.0, w, 10.0) for x, w in boxes)
        )
        for person, boxes in enumerate(answers)
    ]


def of_boxes(wanted, needed):
    return {**of(wanted, needed), "kind": BOXES}


def test_boxes_agree_though_nobody_draws_to_the_pixel():
    opinions = drawn([(0, 10)], [(1, 10)])
    decision = settle(opinions, **of_boxes(2, 2))
    assert isinstance(decision, Settled)
    assert decision.judgement in [each.judgement for each in opinions]
    assert settle(opinions[::-1], **of_boxes(2, 2)) == decision


def test_the_answer_nearest_to_the_others_is_settled():
    opinions = drawn([(0, 10)], [(1, 10)], [(2, 10)])
    decision = settle(opinions, **of_boxes(3, 2))
    assert decision == Settled("label", opinions[1].judgement, "consensus")


def test_a_box_that_only_one_has_seen_is_no_agreement():
    assert settle(drawn([(0, 10)], [(0, 10), (50, 10)]), **of_boxes(2, 2)) == Dispute(
        "no_agreement"
    )
    assert settle(drawn([(0, 10)], []), **of_boxes(2, 2)) == Dispute("no_agreement")


def test_nothing_there_is_a_judgement_and_not_unusable():
    assert settle(drawn([], []), **of_boxes(2, 2)) == Settled("label", (), "consensus")
    assert settle(drawn([], None), **of_boxes(2, 2)) == Dispute("no_agreement")
    assert settle(drawn(None, None), **of_boxes(2, 2)) == Settled("unusable", None, "consensus")


def test_two_camps_of_boxes_are_a_tie():
    camps = drawn([(0, 10)], [(0, 10)], [(50, 10)], [(50, 10)])
    assert settle(camps, **of_boxes(4, 2)) == Dispute("no_agreement")


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 12), st.integers(8, 12)), max_size=2), max_size=5),
    policies(),
    st.randoms(use_true_random=False),
)
def test_the_order_of_boxes_people_drew_does_not_matter(answers, policy, random):
    policy, opinions = {**policy, "kind": BOXES}, drawn(*answers)
    shuffled = random.sample(opinions, len(opinions))
    assert settle(shuffled, **policy) == settle(opinions, **policy)


@pytest.mark.parametrize(("wanted", "needed"), [(0, 0), (1, 2), (2, 0)])
def test_a_policy_that_could_never_settle_is_a_mistake(wanted, needed):
    with pytest.raises(ValueError, match="can never agree"):
        settle([], **of(wanted, needed))
