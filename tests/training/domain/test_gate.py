from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from reviewhub.common.errors import InvalidInput
from training.domain.cost import Costs
from training.domain.gate import GateMargins, decide
from training.domain.gate_tests import SetResult, misses_within_limit

COSTS = Costs(positive=(False, True), miss=(0.0, 5.0), false_alarm=(0.0, 1.0))
EVEN = Costs(positive=(False, True), miss=(0.0, 1.0), false_alarm=(0.0, 1.0))
MARGINS = GateMargins(overall=0.05)


def truth_of(random, items, *, positives=0.3):
    return (random.random(items) < positives).astype(int)


def answers(random, truth, *, wrong):
    """The truth, with a share of answers flipped."""
    return np.where(random.random(truth.size) < wrong, 1 - truth, truth)


def a_set(name, truth, challenger, champion=None):
    return SetResult(
        name,
        truth=tuple(truth.tolist()),
        challenger=tuple(challenger.tolist()),
        champion=None if champion is None else tuple(champion.tolist()),
    )


def judge(*, source, target, margins=MARGINS, costs=EVEN):
    return decide(source=source, target=target, margins=margins, costs=costs, seed=1)


def passed(verdict):
    return {test.name: test.passed for test in verdict.tests}


@pytest.fixture
def random():
    return np.random.default_rng(5)


@pytest.fixture
def source(random):
    """Older traffic on which both models are right in nine of ten, a few apart."""
    truth = truth_of(random, 300)
    champion = answers(random, truth, wrong=0.1)
    challenger = champion.copy()
    challenger[:4] = 1 - challenger[:4]
    return a_set("source", truth, challenger, champion)


@pytest.fixture
def target(random):
    """Recent traffic on which the champion calls nearly everything a defect."""
    truth = truth_of(random, 40)
    return a_set("target", truth, answers(random, truth, wrong=0.15), np.ones_like(truth))


def test_a_challenger_that_repairs_the_recent_traffic_is_promoted(source, target):
    verdict = judge(source=source, target=target)
    assert verdict.verdict == "promote"
    assert set(passed(verdict).values()) == {True}
    assert [test.name for test in verdict.tests] == [
        "enough_source_items",
        "enough_target_items",
        "source_not_worse",
        "target_better",
        "cost_not_higher",
    ]


def test_the_reasons_are_sentences_with_figures(source, target):
    reasons = judge(source=source, target=target).reasons
    assert any("items of recent traffic the challenger is right in" in reason for reason in reasons)
    assert all(reason.endswith(".") for reason in reasons)


def test_a_verdict_can_be_stored_as_json(source, target):
    stored = json.loads(json.dumps(judge(source=source, target=target).as_json()))
    assert stored["verdict"] == "promote"
    assert stored["tests"][2]["figures"]["margin"] == 0.05


def test_the_same_seed_gives_the_same_verdict(source, target):
    assert judge(source=source, target=target) == judge(source=source, target=target)


def test_a_first_model_that_has_learned_something_is_promoted(random):
    truth = truth_of(random, 200)
    verdict = judge(source=None, target=a_set("target", truth, answers(random, truth, wrong=0.15)))
    assert verdict.verdict == "promote"


def test_a_first_model_that_always_gives_the_most_frequent_answer_is_refused(random):
    truth = truth_of(random, 200)
    verdict = judge(source=None, target=a_set("target", truth, np.zeros_like(truth)))
    assert verdict.verdict == "refuse"


@pytest.mark.parametrize("costs", [EVEN, COSTS])
def test_a_model_that_calls_everything_a_defect_loses(source, random, costs):
    """It misses nothing; a gate that looks at missed defects alone would let it pass."""
    truth = truth_of(random, 200)
    good = answers(random, truth, wrong=0.15)
    everything = np.ones(300, dtype=int)
    flood = a_set("source", np.array(source.truth), everything, np.array(source.champion))
    verdict = judge(
        source=flood, target=a_set("target", truth, np.ones_like(truth), good), costs=costs
    )
    assert verdict.verdict == "refuse"
    first = judge(source=None, target=a_set("target", truth, np.ones_like(truth)), costs=costs)
    assert first.verdict == "refuse"


def test_more_right_answers_do_not_excuse_dearer_mistakes(source, random):
    """False alarms at 1 traded for fewer, but missed, defects at 5."""
    truth = np.array([1] * 30 + [0] * 70)
    alarmed = np.array([1] * 30 + [1] * 40 + [0] * 30)
    missing = np.array([0] * 25 + [1] * 5 + [0] * 70)
    target = a_set("target", truth, missing, alarmed)
    assert judge(source=source, target=target, costs=EVEN).verdict != "refuse"
    verdict = judge(source=source, target=target, costs=COSTS)
    assert verdict.verdict == "refuse"
    assert passed(verdict)["cost_not_higher"] is False


def test_a_hard_limit_on_misses_refuses_what_all_else_would_promote(source, target):
    strict = GateMargins(overall=0.05, max_miss_rate=0.01)
    verdict = judge(source=source, target=target, margins=strict)
    assert verdict.verdict == "refuse"
    assert verdict.reasons[0].startswith("It misses")


def test_a_hard_limit_is_not_kept_by_one_positive_that_was_found(source):
    """Of one found nothing follows: the true share may be nearly anything."""
    truth = np.array([1] + [0] * 39)
    target = a_set("target", truth, truth, 1 - truth)
    good = replace(source, truth=(0,) * 300, challenger=(0,) * 300, champion=(0,) * 300)
    strict = GateMargins(overall=0.05, max_miss_rate=0.01)
    verdict = judge(source=good, target=target, margins=strict)
    assert passed(verdict)["misses_within_limit"] is None
    assert verdict.verdict == "not_enough_evidence"
    assert verdict.reasons == (
        "It misses 0 of 1 positives, with 95 % confidence at most 95.0% of all; 1.0% are allowed.",
    )


@pytest.mark.parametrize(
    ("missed", "positives", "kept"),
    [(0, 298, None), (0, 299, True), (3, 300, None), (4, 300, False), (0, 0, None)],
)
def test_a_hard_limit_is_kept_beyond_doubt_or_broken_or_undecided(missed, positives, kept):
    """At 1 %: 299 found in a row are the fewest that show it with 95 % confidence."""
    result = SetResult(
        "target",
        truth=(1,) * positives + (0,),
        challenger=(0,) * missed + (1,) * (positives - missed) + (0,),
        champion=(0,) * (positives + 1),
    )
    assert misses_within_limit((result,), costs=EVEN, limit=0.01).passed is kept


def test_too_few_recent_items_ask_for_labels_not_for_another_model(source, random):
    truth = truth_of(random, 19)
    verdict = judge(source=source, target=a_set("target", truth, truth, 1 - truth))
    assert verdict.verdict == "not_enough_evidence"
    told = "19 audited items of recent traffic are labelled for evaluation; 20 are needed."
    assert verdict.reasons == (told,)


def test_it_says_how_many_recent_items_were_left_out(source, target):
    few = replace(target, left_out=7)
    asked = next(t for t in judge(source=source, target=few).tests if t.name.endswith("get_items"))
    assert asked.figures["left_out"] == 7
    assert "Left out: 7 judged without being drawn for audit" in asked.sentence


def test_it_says_how_many_questions_a_model_had_learned_under_another_name(source, target):
    nearly_none = SetResult("source", (), (), (), learned=240)
    told = judge(source=nearly_none, target=replace(target, learned=3))
    figures = {test.name: test.figures.get("learned") for test in told.tests}
    assert (figures["enough_source_items"], figures["enough_target_items"]) == (240, 3)
    assert (
        "Not asked: 240 whose picture, or nearly the same, one of the models has"
        in (told.reasons[0])
    )


def test_of_a_first_model_it_says_so_too(target):
    first = SetResult("source", (), (), learned=90)
    told = judge(source=first, target=replace(target, truth=(), challenger=(), champion=None))
    assert told.tests[0].figures["learned"] == 90


def test_a_first_model_is_never_said_to_be_judged_on_audits(random):
    truth = truth_of(random, 200)
    verdict = judge(source=None, target=a_set("target", truth, answers(random, truth, wrong=0.15)))
    assert verdict.reasons[0].startswith("200 held-out items are labelled")
    assert not any("audit" in reason for reason in verdict.reasons)


def test_as_many_won_as_lost_is_not_ahead_whatever_the_odds_were(source):
    """Sums of equal weights may not be left beside 0 by rounding."""
    truth = (0,) * 30
    won_and_lost = (1,) * 7 + (0,) * 23, (0,) * 7 + (1,) * 7 + (0,) * 16
    result = SetResult("target", truth, *won_and_lost, odds=(0.35,) * 30)
    assert passed(judge(source=source, target=result))["target_better"] is False


def test_items_of_small_odds_weigh_more(source):
    """Won on three items of ten that were likely to be drawn, lost on two of one in twenty."""
    result = SetResult(
        "target",
        truth=(0,) * 30,
        challenger=(0,) * 28 + (1,) * 2,
        champion=(1,) * 3 + (0,) * 27,
        odds=(0.5,) * 28 + (0.05,) * 2,
    )
    weighed = passed(judge(source=source, target=result))
    assert weighed["target_better"] is False
    better = next(t for t in judge(source=source, target=result).tests if t.name == "target_better")
    assert better.figures["difference"] == pytest.approx((3 / 0.5 - 2 / 0.05) / (56 + 40))
    assert "each weighed by its odds of being drawn" in better.sentence
    plain = judge(source=source, target=replace(result, odds=(0.5,) * 30))
    assert passed(plain)["target_better"] is None


def test_costs_of_recent_items_are_weighed_like_their_accuracy(source):
    result = SetResult(
        "target",
        truth=(0,) * 30,
        challenger=(0,) * 29 + (1,),
        champion=(1,) * 2 + (0,) * 28,
        odds=(0.5,) * 29 + (0.02,),
    )
    same = replace(source, challenger=source.champion)
    cost = judge(source=same, target=result).tests[-1]
    assert cost.figures["difference"] == pytest.approx(0.5 * (50 - 4) / (58 + 50))


def test_without_older_items_forgetting_cannot_be_ruled_out(target):
    assert judge(source=None, target=target).verdict == "not_enough_evidence"


def test_a_lead_that_may_be_luck_asks_for_labels(source, random):
    truth = truth_of(random, 30)
    challenger, champion = truth.copy(), truth.copy()
    champion[:3] = 1 - champion[:3]
    challenger[3:4] = 1 - challenger[3:4]
    verdict = judge(source=source, target=a_set("target", truth, challenger, champion))
    assert verdict.verdict == "not_enough_evidence"
    assert passed(verdict)["target_better"] is None


def test_a_copy_three_points_worse_is_refused_in_four_cases_of_five():
    verdicts = []
    for seed in range(200):
        random = np.random.default_rng(seed)
        truth = truth_of(random, 2000)
        champion = answers(random, truth, wrong=0.10)
        worse = np.where(random.random(2000) < 0.03 / 0.8, 1 - champion, champion)
        both = [
            a_set("source", truth, worse, champion),
            a_set("target", truth[:400], worse[:400], champion[:400]),
        ]
        verdict = judge(source=both[0], target=both[1], margins=GateMargins(overall=0.02))
        assert verdict.verdict != "promote"
        verdicts.append(verdict.verdict)
    assert np.mean([verdict == "refuse" for verdict in verdicts]) >= 0.8


def test_an_identical_copy_is_not_worse_and_not_better(random):
    truth = truth_of(random, 300)
    same = answers(random, truth, wrong=0.1)
    verdict = judge(
        source=a_set("source", truth, same, same), target=a_set("target", truth, same, same)
    )
    assert passed(verdict)["source_not_worse"] is True
    assert passed(verdict)["target_better"] is False
    assert verdict.verdict == "refuse"


def test_an_equally_good_model_is_called_better_in_at_most_one_case_of_twenty():
    called = 0
    for seed in range(400):
        random = np.random.default_rng(seed)
        truth = truth_of(random, 60)
        one, other = (answers(random, truth, wrong=0.2) for _ in range(2))
        verdict = judge(
            source=a_set("source", *[np.repeat(truth, 5)] * 3),
            target=a_set("target", truth, one, other),
        )
        called += passed(verdict)["target_better"] is True
    assert called / 400 <= 0.05


def test_margins_survive_the_policy_document():
    margins = GateMargins(overall=0.05, max_miss_rate=0.2)
    assert GateMargins.from_json(json.loads(json.dumps(margins.as_json()))) == margins
    assert GateMargins.from_json({}) == GateMargins()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("overall", 1.5),
        ("alpha", "0.05"),
        ("target_share", float("nan")),
        ("max_miss_rate", -0.1),
        ("cost", -1),
        ("min_target", 0),
        ("min_source", 2.5),
        ("overal", 0.02),
    ],
)
def test_margins_that_make_no_sense_are_refused_by_name(field, value):
    with pytest.raises(InvalidInput) as refused:
        GateMargins.from_json({field: value})
    assert refused.value.data["errors"][0]["field"] == field


def test_answers_must_be_as_many_as_items():
    with pytest.raises(ValueError, match="as many as its items"):
        SetResult("target", truth=(0, 1), challenger=(0,))
    with pytest.raises(ValueError, match="as many as its items"):
        SetResult("target", truth=(0, 1), challenger=(0, 1), odds=(0.5,))
