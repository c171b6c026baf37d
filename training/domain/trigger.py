"""Whether a training run is due by itself; a person may request one at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Trigger:
    """From which number of new approvals on, and how long after the last run at the soonest."""

    approvals_needed: int
    cooldown: timedelta


@dataclass(frozen=True)
class Situation:
    """What is known of a project: `learnable` counts approved learn-fold annotations per label."""

    new_approvals: int
    learnable: Mapping[str, int]
    last_ended: datetime | None
    active_run: bool


@dataclass(frozen=True)
class Due:
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class NotDue:
    """Everything that stands in the way, not only the first thing."""

    reasons: tuple[str, ...]


def judge(situation: Situation, *, trigger: Trigger, now: datetime) -> Due | NotDue:
    """Say whether a run is due at `now`, and why or why not."""
    obstacles = tuple(filter(None, _obstacles(situation, trigger, now)))
    if obstacles:
        return NotDue(obstacles)
    return Due(
        (
            f"{situation.new_approvals} annotations were approved since the last run; "
            f"{trigger.approvals_needed} are asked for.",
        )
    )


def _obstacles(situation: Situation, trigger: Trigger, now: datetime) -> tuple[str, ...]:
    return (
        "A run is active already." if situation.active_run else "",
        _too_few(situation.new_approvals, trigger.approvals_needed),
        _one_sided(situation.learnable),
        _too_soon(situation.last_ended, trigger.cooldown, now),
    )


def _too_few(approvals: int, needed: int) -> str:
    if approvals >= needed:
        return ""
    return f"{approvals} annotations were approved since the last run; {needed} are asked for."


def _one_sided(learnable: Mapping[str, int]) -> str:
    if sum(number > 0 for number in learnable.values()) >= 2:
        return ""
    return "Fewer than two labels occur among the approved annotations that may be learned from."


def _too_soon(last_ended: datetime | None, cooldown: timedelta, now: datetime) -> str:
    if last_ended is None or now - last_ended >= cooldown:
        return ""
    return f"The last run ended {now - last_ended} ago; the pause is {cooldown}."
