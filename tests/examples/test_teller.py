from __future__ import annotations

import pytest

from examples.solar_cells.teller import Teller


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def teller(clock, said) -> Teller:
    return Teller(say=said.append, clock=clock)


def test_an_act_is_told_when_it_begins_and_when_it_ends(teller, clock, said) -> None:
    with teller.act("It learns", kind="model") as told:
        clock.now += 75
        told["text"] = "It has learned"
    assert said == ["0:00  1. It learns", "1:15     It has learned (75\u00a0s)"]
    (act,) = teller.acts
    assert (act["kind"], act["seconds"], act["facts"][0]["value"]) == ("model", 75, "75 s")


def test_progress_is_told_every_few_seconds_and_not_more_often(teller, clock, said) -> None:
    for _ in range(20):
        clock.now += 1
        teller.progress("on its way")
    assert len(said) == 5


def test_an_act_that_breaks_is_not_remembered(teller) -> None:
    with pytest.raises(ValueError, match="broken"), teller.act("It breaks"):
        raise ValueError("broken")
    assert teller.acts == []


def test_long_lines_fit_a_terminal(teller, said) -> None:
    teller.line("word " * 60)
    assert max(len(line) for line in said[0].splitlines()) <= 96
