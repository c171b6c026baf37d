from __future__ import annotations

import pytest

from training.domain.cost import Costs, count

COSTS = Costs(positive=(False, True, True), miss=(9.0, 5.0, 7.0), false_alarm=(0.5, 1.0, 2.0))


def test_each_mistake_costs_what_its_label_says():
    assert COSTS.table.tolist() == [
        [0.0, 1.0, 2.0],
        [5.0, 0.0, 2.0],
        [7.0, 1.0, 0.0],
    ]


def test_mistakes_are_counted_as_a_lead_reads_them():
    counted = count([0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 1], COSTS)
    assert (counted.items, counted.right) == (6, 2)
    assert (counted.positives, counted.missed, counted.negatives) == (3, 1, 3)
    assert counted.false_alarms == 2
    assert counted.cost == 0 + 1 + 2 + 5 + 0 + 1
    assert counted.as_json()["miss_rate"] == pytest.approx(1 / 3)


def test_nothing_counted_has_no_rates():
    counted = count([], [], COSTS)
    assert (counted.accuracy, counted.miss_rate, counted.false_alarm_rate) == (None, None, None)


def test_costs_must_name_every_label():
    with pytest.raises(ValueError, match="each of at least two"):
        Costs(positive=(False, True), miss=(1.0,), false_alarm=(1.0, 1.0))


def test_no_mistake_is_rewarded():
    with pytest.raises(ValueError, match="negative"):
        Costs(positive=(False, True), miss=(0.0, -1.0), false_alarm=(0.0, 1.0))
