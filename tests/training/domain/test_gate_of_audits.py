"""What the gate promises of recent traffic, simulated through routing's own selection."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from annotations.domain.routing import DayOfTraffic, Facts, Rules, influence, plan_audits, route
from annotations.domain.routing.parts import AuditBudget
from tests.training.domain.test_snapshots import MONDAY, known
from training.domain.exams import Exam, set_exams
from training.domain.gate_tests import SetResult, better

RECENTLY = MONDAY + timedelta(hours=1)
FIXED = Rules(low_confidence=0.7, audit_rate=0.1)
BUDGET = Rules(low_confidence=0.7, audit_budget=AuditBudget(per_day=100, expected_per_day=1000))
DAY = 350
"""Predictions of the evaluate fold between two runs."""


def confidences(random, size):
    """A champion that is right in 79 of 100, and as often as it says."""
    return random.uniform(0.58, 1.0, size)


def routed(random, rules, confidence):
    """What is queued, and of it the odds of what an audit drew."""
    facts = [Facts("good", float(each)) for each in confidence]
    mean = np.mean([influence(each, prior_miss_rate=rules.prior_miss_rate) for each in facts])
    plan = plan_audits(rules, days=[DayOfTraffic(1000, 1000 * float(mean))])
    draws = random.random(len(facts))
    decided = [
        route(facts=each, rules=rules, draw=float(draw), audit=plan)
        for each, draw in zip(facts, draws, strict=True)
    ]
    queued = [at for at, one in enumerate(decided) if one.outcome == "queued"]
    return queued, {at: decided[at].inclusion_probability for at in queued if decided[at].audited}


def asked(queued, odds) -> Exam | None:
    """The target's exam, when people have judged all that was queued."""
    approved = [known(at, "evaluate", approved_at=RECENTLY) for at in queued]
    exams = set_exams(approved, readable=queued, champion_frozen_at=MONDAY, odds=odds)
    return exams[0] if exams else None


def called_better(exam, champion, challenger, *, alpha=0.05) -> bool:
    items = [one.item_id for one in exam.questions]
    right = {True: 0, False: 1}
    result = SetResult(
        "target",
        truth=(0,) * len(items),
        challenger=tuple(right[bool(challenger[at])] for at in items),
        champion=tuple(right[bool(champion[at])] for at in items),
        odds=exam.odds,
    )
    return better(result, alpha=alpha, rival="champion", seed=1).passed is True


def share_called_better(rules, *, challenger=0.79, wrong_champion=False, whole_queue=False):
    called = []
    for seed in range(400):
        random = np.random.default_rng(seed)
        confidence = confidences(random, DAY)
        queued, odds = routed(random, rules, confidence)
        if whole_queue:
            odds = dict.fromkeys(queued, 1.0)
        exam = asked(queued, odds)
        if exam is None:
            continue
        truly = 0.5 if wrong_champion else confidence
        champion = random.random(DAY) < truly
        rival = random.random(DAY) < challenger
        called.append(called_better(exam, champion, rival))
    return float(np.mean(called))


@pytest.mark.parametrize("rules", [FIXED, BUDGET], ids=["fixed rate", "budget"])
def test_an_equally_good_model_is_called_better_in_at_most_one_case_of_twenty(rules):
    """Both are right in 79 of 100; only the champion's doubts decide what is queued."""
    assert share_called_better(rules) <= 0.05


def test_on_the_whole_queue_it_would_be_called_better_far_more_often():
    """Why audits alone are asked about: what the champion doubts, any other model does better."""
    assert share_called_better(FIXED, whole_queue=True) > 0.12


@pytest.mark.parametrize("rules", [FIXED, BUDGET], ids=["fixed rate", "budget"])
def test_a_model_that_repairs_a_broken_one_is_called_better(rules):
    assert share_called_better(rules, challenger=0.85, wrong_champion=True) >= 0.8


def test_what_was_queued_for_doubt_alone_is_no_question_about_recent_traffic():
    random = np.random.default_rng(3)
    queued, odds = routed(random, FIXED, confidences(random, DAY))
    exam = asked(queued, odds)
    assert {one.item_id for one in exam.questions} == set(odds) < set(queued)
