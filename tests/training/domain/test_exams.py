from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.training.domain.test_snapshots import MONDAY, TAXONOMY, known
from training.domain.cost import Costs
from training.domain.exams import in_order_of, left_out, measure, set_exams, without_learned
from training.domain.leakage import Trace

COSTS = Costs(positive=(False, True), miss=(0, 5), false_alarm=(1, 1))


LATER = MONDAY + timedelta(minutes=1)


def exams(*annotations, since=None, odds=()):
    readable = {one.item_id for one in annotations}
    return set_exams(annotations, readable=readable, champion_frozen_at=since, odds=dict(odds))


def test_before_there_is_a_champion_all_traffic_is_older_traffic() -> None:
    (only,) = exams(known(2, "evaluate"), known(1, "evaluate"), known(3, "learn"))
    assert only.name == "source"
    assert [one.annotation_id for one in only.questions] == [1, 2]


def test_what_an_audit_drew_after_the_champion_s_data_is_the_target() -> None:
    late = known(1, "evaluate", approved_at=LATER)
    source, target = exams(late, known(2, "evaluate"), since=MONDAY, odds={1: 0.25, 2: 0.5})
    assert (source.name, target.name) == ("source", "target")
    assert (target.questions, target.odds) == ((late,), (0.25,))
    assert source.odds == ()


def test_recent_items_that_no_audit_drew_are_left_out_and_counted() -> None:
    drawn, doubted = (known(number, "evaluate", approved_at=LATER) for number in (1, 2))
    learned = known(3, approved_at=LATER)
    (target,) = exams(drawn, doubted, learned, since=MONDAY, odds={1: 0.1})
    assert target.questions == (drawn,)
    everything = [drawn, doubted, learned, known(4, "evaluate")]
    told = left_out(everything, everything, champion_frozen_at=MONDAY, odds={1: 0.1})
    assert (told.not_drawn, told.learned) == (1, {})


def test_questions_that_a_model_has_learned_under_another_name_are_counted_by_exam() -> None:
    older, newer = known(1, "evaluate"), known(2, "evaluate", approved_at=LATER)
    not_asked = [
        *(known(number, "evaluate") for number in (3, 4)),
        known(5, "evaluate", approved_at=LATER),
        known(6, "evaluate", outcome="unusable", label_key=""),
    ]
    not_drawn_either = known(7, "evaluate", approved_at=LATER)
    told = left_out(
        [older, newer, *not_asked, not_drawn_either, known(8)],
        [older, newer, known(8)],
        champion_frozen_at=MONDAY,
        odds={2: 0.5, 5: 0.5},
    )
    assert told.learned == {"source": 2, "target": 1}
    assert told.not_drawn == 1


def test_older_items_are_asked_whatever_brought_them() -> None:
    """They were chosen before there was this champion: its doubts had no part in it."""
    older = known(1, "evaluate"), known(2, "evaluate", how="imported")
    (source,) = exams(*older, since=MONDAY)
    assert source.questions == older


def test_there_is_no_empty_exam() -> None:
    assert exams(known(1, "learn")) == ()
    unusable = known(2, "evaluate", outcome="unusable", label_key="")
    unreadable = known(3, "evaluate")
    nothing = set_exams([unusable, unreadable], readable=set(), champion_frozen_at=None, odds={})
    assert nothing == ()
    assert exams(known(4, "evaluate", approved_at=LATER), since=MONDAY) == ()


def test_the_same_questions_are_the_same_exam_and_another_truth_is_not() -> None:
    (one,), (again,) = exams(known(1, "evaluate")), exams(known(1, "evaluate"))
    (other,) = exams(known(1, "evaluate", label_key="defect"))
    assert one.digest(TAXONOMY) == again.digest(TAXONOMY) != other.digest(TAXONOMY)


def test_the_same_questions_under_a_revised_label_set_are_another_exam() -> None:
    (one,) = exams(known(1, "evaluate"))
    assert one.digest(TAXONOMY) != one.digest(replace(TAXONOMY, number=3))


def test_a_question_that_a_learned_item_gives_away_is_not_asked() -> None:
    approved = [
        known(1, "evaluate"),
        known(2, "evaluate", image_sha256="learned"),
        known(3, "evaluate", source_group="panel-7"),
        known(4, "evaluate"),
        known(5, "learn", image_sha256="learned"),
    ]
    vectors = {one.item_id: np.eye(9, dtype=np.float16)[at] for at, one in enumerate(approved)}
    learned = [Trace("learned"), Trace("x", "panel-7"), Trace("y", "", vectors[4])]
    left = without_learned(approved, learned=learned, embeddings=vectors)
    assert [one.annotation_id for one in left] == [1, 5]


def test_answers_are_brought_into_the_taxonomy_s_order() -> None:
    given = np.array([[0.7, 0.2, 0.1]])
    brought = in_order_of(["good", "defect"], given, labels=["defect", "good", "scratch"])
    assert brought == pytest.approx(np.array([[2 / 9, 7 / 9]]))


def test_labels_that_became_one_are_summed_and_one_without_a_successor_is_left_out() -> None:
    given = np.array([[0.3, 0.4, 0.2, 0.1]])
    brought = in_order_of(["good", "crack"], given, labels=["crack", "good", "crack", None])
    assert brought == pytest.approx(np.array([[4 / 9, 5 / 9]]))


def test_a_model_that_knows_none_of_the_labels_knows_nothing() -> None:
    assert in_order_of(["a", "b"], np.array([[1.0]]), labels=["c"]).tolist() == [[0.5, 0.5]]


def test_measures_say_what_a_lead_reads() -> None:
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
    figures = measure([0, 1, 1, 0], shares, COSTS)
    assert (figures["accuracy"], figures["missed"], figures["false_alarms"]) == (0.5, 1, 1)
    assert figures["cost_per_item"] == pytest.approx(6 / 4)
    assert 0 < figures["ece"] < 1
