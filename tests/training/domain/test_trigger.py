from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from training.domain.trigger import Due, NotDue, Situation, Trigger, judge

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRIGGER = Trigger(approvals_needed=200, cooldown=timedelta(hours=24))
READY = Situation(
    new_approvals=200, learnable={"good": 90, "defect": 50}, last_ended=None, active_run=False
)


def test_enough_approvals_make_a_run_due():
    assert judge(READY, trigger=TRIGGER, now=NOW) == Due(
        ("200 annotations were approved since the last run; 200 are asked for.",)
    )


def test_the_pause_ends_to_the_second():
    rested = replace(READY, last_ended=NOW - timedelta(hours=24))
    tired = replace(READY, last_ended=NOW - timedelta(hours=24) + timedelta(seconds=1))
    assert isinstance(judge(rested, trigger=TRIGGER, now=NOW), Due)
    assert isinstance(judge(tired, trigger=TRIGGER, now=NOW), NotDue)


@pytest.mark.parametrize(
    ("obstacle", "told"),
    [
        ({"new_approvals": 199}, "199 annotations"),
        ({"learnable": {"good": 140, "defect": 0}}, "Fewer than two labels"),
        ({"active_run": True}, "active already"),
        ({"last_ended": NOW - timedelta(hours=1)}, "ended 1:00:00 ago"),
    ],
)
def test_each_obstacle_holds_it_back_and_is_named(obstacle, told):
    verdict = judge(replace(READY, **obstacle), trigger=TRIGGER, now=NOW)
    assert isinstance(verdict, NotDue)
    assert len(verdict.reasons) == 1
    assert told in verdict.reasons[0]


def test_all_obstacles_are_named_at_once():
    nothing = Situation(new_approvals=0, learnable={}, last_ended=NOW, active_run=True)
    assert len(judge(nothing, trigger=TRIGGER, now=NOW).reasons) == 4
