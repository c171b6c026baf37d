"""The queue's accounts: every entry in one state, and the states add up to what entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from annotations.domain import counters
from annotations.models.queue import STATES
from reviewhub.common.errors import JsonDict
from reviewhub.common.statements import Statement


@dataclass(frozen=True)
class Accounts:
    """`entered` was counted by what let entries in, `by_state` by what moved them.

    Gold is counted apart: how many known items people have judged among the rest.
    """

    entered: int
    by_state: dict[str, int]
    gold: int

    @property
    def balanced(self) -> bool:
        return self.entered == sum(self.by_state.values())

    def as_json(self) -> JsonDict:
        return {
            "entered": self.entered,
            "by_state": self.by_state,
            "gold": self.gold,
            "balanced": self.balanced,
        }


class _Kept(NamedTuple):
    name: str
    amount: int


_NAMES = (
    counters.ITEMS,
    counters.IMPORTED,
    counters.PREDICTIONS,
    counters.ACCEPTED,
    counters.QUEUED,
    counters.AUDITED,
    counters.ENTERED,
    counters.GOLD,
    counters.REVIEWS,
    counters.CORRECTIONS,
    counters.REVIEW_MS,
    *counters.LEVELS,
)
_KEPT = Statement(
    f"""
    SELECT name, SUM(amount) FROM common_tally
    WHERE project_id = %(project)s AND name IN ({", ".join(f"'{name}'" for name in _NAMES)})
    GROUP BY name
    """,  # noqa: S608 (names of counters, all ours)
    _Kept,
)


def kept_counters(project_id: int) -> Mapping[str, int]:
    """All counters of a project that its pages show, as they were at one moment; one statement.

    A deed adds to all of its counters in one transaction, and one statement sees all of a
    transaction or nothing: so the accounts balance at any moment, whatever is under way.
    """
    return dict.fromkeys(_NAMES, 0) | {
        row.name: int(row.amount) for row in _KEPT.all(project=project_id)
    }


def queue_accounting(project_id: int) -> Accounts:
    """One statement at any size; `manage.py check_counters` counts the rows themselves."""
    return accounts_in(kept_counters(project_id))


def accounts_in(kept: Mapping[str, int]) -> Accounts:
    return Accounts(
        entered=kept[counters.ENTERED],
        by_state={state: kept[counters.state(state)] for state in STATES},
        gold=kept[counters.GOLD],
    )
